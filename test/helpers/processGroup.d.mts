export interface GroupOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly output?: 'inherit' | number;
}
export declare function runInGroup(
  program: string,
  args: readonly string[],
  options: GroupOptions,
): Promise<{ code: number }>;
export declare function processesWith(name: string, value: string): { pid: number; command: string }[];
