import assert from 'node:assert/strict';
import { lookupOf } from '../../../src/engine/load/hosts';

describe('the address of an allowed origin', () => {
  it('is held to loopback as it is connected to, where the origin is localhost', async () => {
    const look = lookupOf('http://localhost:3000')!;
    const found = (host: string) =>
      new Promise<string>((resolve, reject) =>
        look(host, {}, (error, address) => (error ? reject(error) : resolve(address as string))),
      );
    assert.match(await found('localhost'), /^(127\.|::1$)/);
    await assert.rejects(found('192.0.2.1'), /does not lead to this machine/);
    assert.equal(lookupOf('http://shop.example:3000'), undefined);
    assert.equal(lookupOf('http://127.0.0.1:3000'), undefined);
  });
});
