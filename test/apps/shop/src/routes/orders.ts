import type { FastifyInstance } from 'fastify';
import { catalogue } from '../data/catalogue.js';
import { formatCents, toCents } from '../lib/money.js';
import { invoiceTax } from '../services/invoice.js';
import { signPayment } from '../services/payment.js';
import { quantityPrice, shippingFee } from '../services/pricing.js';
import { credit, now } from '../truth.js';

export function orderRoutes(app: FastifyInstance): void {
  app.post<{ Querystring: { cart?: string; quantity?: string } }>('/api/checkout', (request) => {
    const cart = request.query.cart ?? '1';
    const product = catalogue[Number(cart) % catalogue.length]!;
    const goods = quantityPrice(product, Math.max(1, Number(request.query.quantity ?? 1)));
    const totalCents = toCents(goods + shippingFee(goods));
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
