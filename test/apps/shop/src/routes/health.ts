import type { FastifyInstance } from 'fastify';
import { resetTruth, truthReport } from '../truth.js';

export function healthRoutes(app: FastifyInstance): void {
  app.get('/', () => ({ name: 'shop', health: '/health', products: '/api/products' }));

  app.get('/health', () => ({ status: 'ok' }));

  app.get('/debug/truth', () => truthReport());

  app.post('/debug/truth/reset', (_request, reply) => {
    resetTruth();
    return reply.code(204).send();
  });
}
