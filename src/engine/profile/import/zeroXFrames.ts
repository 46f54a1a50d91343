import { FRAME_TIERS } from '../../model/stackProfile';
import type { FrameDraft } from './frameInterner';
import { frameOf } from './v8Frames';

/** `mix /app/server.js:3:12`, `LoadIC [CODE:Builtin]`, `load node:internal/… [INIT]` and what they are. */
export function zeroXFrame(name: string): FrameDraft {
  const isInit = name.endsWith(' [INIT]');
  const text = isInit ? name.slice(0, -INIT_LENGTH) : name;
  const [marked, type = 'JS', kind = ''] = /^(.*) \[([A-Z_]+)(?::([^\]]*))?\]$/su.exec(text)?.slice(1) ?? [];
  const { url, line, column, packageName, ...frame } = frameOf(
    type === 'WASM' ? 'JS' : type,
    kind,
    marked ?? text,
  );
  return {
    ...{ name: frame.name, url, line, column },
    owner: isInit
      ? { kind: 'init' }
      : { kind: frame.kind, ...(packageName !== undefined && { packageName }) },
  };
}

const INIT_LENGTH = ' [INIT]'.length;

/** By 0x's `S`: nothing known, not optimised, optimised, and the same of functions that V8 may inline. */
export function zeroXTier(state: number): number {
  const tier = { 1: 'interpreted', 2: 'optimised', 3: 'interpreted', 4: 'optimised' } as const;
  const name = state === 1 || state === 2 || state === 3 || state === 4 ? tier[state] : 'unknown';
  return FRAME_TIERS.indexOf(name);
}
