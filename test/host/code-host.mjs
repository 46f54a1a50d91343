#!/usr/bin/env node
// Stands in for a desktop VS Code: see codeHost.ts.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./codeHost.ts');
process.exit(await main(process.argv.slice(2)));
