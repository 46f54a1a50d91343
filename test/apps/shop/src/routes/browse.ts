import type { FastifyInstance } from 'fastify';
import { rootCategory, stockBelow } from '../services/categories.js';
import { buildFeed } from '../services/feed.js';
import { credit, now } from '../truth.js';

export function browseRoutes(app: FastifyInstance): void {
  app.get('/api/categories', () => {
    const startedAt = now();
    const stock = stockBelow(rootCategory);
    credit('recursion', startedAt);
    return { name: rootCategory.name, children: rootCategory.children.length, stock };
  });

  app.get('/api/feed', () => {
    const startedAt = now();
    const items = buildFeed();
    credit('churn', startedAt);
    return { items };
  });
}
