import { formatMs, formatShare } from '../model/units';

export { formatMs, formatShare };

/** `12 %` of a share, as sentences want it. */
export function percent(share: number): string {
  return share >= 0.1 ? `${Math.round(share * 100)} %` : formatShare(share);
}

/** `, 1.24 ms a request` or nothing. */
export function perRequest(ms: number | undefined): string {
  return ms === undefined ? '' : `, ${formatMs(ms)} a request`;
}

export function fileName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
