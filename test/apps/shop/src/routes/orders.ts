import type { FastifyInstance } from 'fastify';
import { catalogue } from '../data/catalogue.js';
import { formatCents, toCents } from '../lib/money.js';
import { invoiceTax } from '../services/invoice.js';
import { signPayment } from '../services/payment.js';
import { credit, now } from '../truth.js';

export function orderRoutes(app: FastifyInstance): void {
  app.post<{ Querystring: { cart?: string } }>('/api/checkout', (request) => {
    const cart = request.query.cart ?? '1';
    const product = catalogue[Number(cart) % catalogue.length]!;
    const totalCents = toCents(product.price);
    const startedAt = now();
    const signature = signPayment(cart, totalCents);
    credit('crypto', startedAt);
    return { cart, total: formatCents(totalCents), signature };
  });

  app.get<{ Querystring: { order?: string } }>('/api/orders/invoice', (request) => {
    const order = Number(request.query.order ?? 1);
    const startedAt = now();
    const tax = invoiceTax(order);
    credit('inlined', startedAt);
    return { order, tax };
  });
}
