import fastify from 'fastify';
import { browseRoutes } from './routes/browse.js';
import { healthRoutes } from './routes/health.js';
import { orderRoutes } from './routes/orders.js';
import { productRoutes } from './routes/products.js';
import { reportRoutes } from './routes/reports.js';
import { logTruth } from './truthLog.js';

const app = fastify();
healthRoutes(app);
productRoutes(app);
orderRoutes(app);
browseRoutes(app);
reportRoutes(app);

const truthFile = process.env['SHOP_TRUTH_FILE'];
if (truthFile !== undefined) logTruth(truthFile);

// Without PORT any free port serves, so that several copies can run side by side.
const address = await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 0) });
console.log(`shop listens on ${address}`);
