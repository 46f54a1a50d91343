import type { FastifyInstance } from 'fastify';
import { catalogue } from '../data/catalogue.js';
import { demandPrice, priceRange } from '../services/pricing.js';
import { searchProducts } from '../services/search.js';
import { credit, now } from '../truth.js';

const PAGE_SIZE = 20;

export function productRoutes(app: FastifyInstance): void {
  app.get<{ Querystring: { page?: string } }>('/api/products', (request) => {
    const page = Math.max(1, Number(request.query.page ?? 1));
    const products = catalogue.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
    return { page, prices: priceRange(products), products };
  });

  app.get<{ Params: { id: string } }>('/api/products/:id/price', (request, reply) => {
    const product = catalogue[Number(request.params.id) - 1];
    if (!product) return reply.code(404).send({ error: 'no such product' });
    const startedAt = now();
    const price = demandPrice(product.price, 0.35);
    credit('hot-line', startedAt);
    return { id: product.id, price };
  });

  app.get<{ Querystring: { q?: string } }>('/api/products/search', (request) => {
    const words = (request.query.q ?? '').split(/\s+/).filter(Boolean).slice(0, 5);
    const startedAt = now();
    const found = searchProducts(words);
    credit('regexp', startedAt);
    return { count: found.length, products: found.slice(0, PAGE_SIZE) };
  });
}
