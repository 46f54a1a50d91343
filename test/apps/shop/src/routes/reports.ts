import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { salesOfTheYear } from '../services/reporting.js';
import { credit, now } from '../truth.js';

export function reportRoutes(app: FastifyInstance): void {
  app.get('/api/reports/sales', salesReport);
}

function salesReport(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const startedAt = now();
  const body = JSON.stringify(salesOfTheYear); // planted: json
  credit('json', startedAt);
  return reply.type('application/json').send(body);
}
