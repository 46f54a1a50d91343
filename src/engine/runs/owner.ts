import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Who made an unfinished folder, as a part of its name: `<machine>-<pid>`. The machine part changes with the host,
 * its boot and its process namespace, because a pid says nothing about the processes of another one.
 */
export const OWNER = `${machineTag()}-${process.pid}`;

const OWNER_PATTERN = /^([0-9a-f]{8})-(\d{1,10})$/;

/** `unknown`: the folder is shared with another machine, whose processes cannot be seen from here. */
export function ownerState(owner: string): 'alive' | 'dead' | 'unknown' {
  const match = OWNER_PATTERN.exec(owner);
  if (!match || match[1] !== machineTag()) return 'unknown';
  try {
    process.kill(Number(match[2]), 0);
    return 'alive';
  } catch (error) {
    // EPERM: it runs as another user.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH' ? 'dead' : 'alive';
  }
}

function machineTag(): string {
  const facts = [hostname(), attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))];
  facts.push(attempt(() => readlinkSync('/proc/self/ns/pid')));
  return createHash('sha256').update(facts.join('\n')).digest('hex').slice(0, 8);
}

/** Empty where the platform has no such file. */
function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
