/**
 * What makes load tests of documents: the bundle of the worker that reads them for the editor, whose own thread a
 * large recording would hold up.
 */
import { parentPort } from 'node:worker_threads';
import { serveDocuments } from './authoring/worker';

if (parentPort) serveDocuments(parentPort);
