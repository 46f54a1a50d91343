import { lookup } from 'node:dns';
import dns from 'node:dns/promises';
import net from 'node:net';
import { ThroughlineError } from '../model/errors';

/**
 * Load and probes go to this machine, and to the hosts that the user has confirmed. Resolves when `origin` is an
 * http(s) origin of 127.0.0.0/8, ::1 or `localhost`, and `localhost` means nothing but loopback here, or of one
 * of the `allowedHosts` (lower case, without ports); else rejects with `LOAD_HOST_NOT_ALLOWED`.
 *
 * The URL parser has the last word on what the host is, because it decides where requests go as well: it turns
 * `2130706433` and `0x7f.1` into 127.0.0.1, and `127.0.0.1@evil.com` into the host `evil.com`.
 */
export async function assertAllowedHost(origin: string, allowedHosts: readonly string[]): Promise<void> {
  const url = parseOrigin(origin);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isLoopbackAddress(host)) return;
  // `localhost` is held to what it is on this machine: confirmed or not, it must be loopback.
  if (host !== 'localhost') {
    if (allowedHosts.includes(host)) return;
    throw notAllowed(
      allowedHosts.length === 0
        ? `"${url.host}" is not this machine's loopback address`
        : `"${url.host}" is neither this machine's loopback address nor a host that was confirmed`,
    );
  }

  const addresses = await dns.lookup(host, { all: true }).catch(() => []);
  if (addresses.length === 0) throw notAllowed('"localhost" has no address on this machine');
  const outside = addresses.find(({ address }) => !isLoopbackAddress(address));
  if (outside) throw notAllowed(`"localhost" leads to ${outside.address} on this machine`);
}

/**
 * How connections to an origin that was allowed find its address. `localhost` may mean something else by then than
 * when it was looked at; other names are the user's own word.
 */
export function lookupOf(origin: string): net.LookupFunction | undefined {
  return new URL(origin).hostname === 'localhost' ? lookUpLoopback : undefined;
}

const lookUpLoopback: net.LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const inside = (addresses ?? []).filter(({ address }) => isLoopbackAddress(address));
    const [first] = inside;
    if (error ?? !first)
      return callback(error ?? notAllowed(`"${host}" does not lead to this machine any more`), '', 0);
    if (options.all) callback(null, inside);
    else callback(null, first.address, first.family);
  });
};

/** As `assertAllowedHost`, for what goes to this machine only. */
export function assertLoopback(origin: string): Promise<void> {
  return assertAllowedHost(origin, []);
}

/** 127.0.0.0/8 and ::1. */
export function isLoopbackAddress(address: string): boolean {
  if (net.isIPv4(address)) return address.startsWith('127.');
  return net.isIPv6(address) && new URL(`http://[${address}]`).hostname === '[::1]';
}

function parseOrigin(origin: string): URL {
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    throw notAllowed(`"${origin}" is not a URL`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw notAllowed(`"${origin}" is neither http nor https`);
  if (url.username !== '' || url.password !== '') throw notAllowed(`"${origin}" carries a user name`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw notAllowed(`"${origin}" is more than an origin`);
  return url;
}

function notAllowed(fact: string): ThroughlineError {
  return new ThroughlineError('LOAD_HOST_NOT_ALLOWED', `Load is not sent there: ${fact}.`);
}
