import type { MemoryReading, MetricSample } from './metrics';

/**
 * What the agent in the app's processes and the engine say to each other: one JSON document a line over a
 * local socket. The engine checks every message (`engine/target/agentServer.ts`); the agent trusts the
 * engine because the socket's path and token came through its own environment.
 */
export interface AgentEnvironment {
  /** Unix socket or named pipe of the engine. */
  readonly socket: string;
  readonly token: string;
  readonly cpu: boolean;
  readonly intervalMicros: number;
  readonly inlining: 'reattribute' | 'off';
  /** Bytes between samples of allocations, on average; absent where none are wanted. */
  readonly heapIntervalBytes?: number;
}

/** Name of the environment variable that holds `AgentEnvironment` as JSON. */
export const AGENT_VARIABLE = 'THROUGHLINE_AGENT';

export interface AgentListener {
  readonly port: number;
  readonly address: string;
  /** By the server object's shape; `tcp` also for HTTP servers that are not Node's own. */
  readonly protocol: 'http' | 'https' | 'tcp';
}

export type AgentMessage =
  | {
      readonly type: 'hello';
      readonly token: string;
      readonly pid: number;
      readonly parentPid: number;
      readonly argv: readonly string[];
      readonly nodeVersion: string;
      readonly clusterWorker: boolean;
      /** Of a worker thread, which has a connection of its own and tells nothing else; absent for the main thread. */
      readonly threadId?: number;
    }
  /** All TCP ports that the process listens on now. */
  | { readonly type: 'listening'; readonly listeners: readonly AgentListener[] }
  /** Method, path without query, and requests since the last message. */
  | { readonly type: 'routes'; readonly routes: readonly (readonly [string, string, number])[] }
  | { readonly type: 'metrics'; readonly sample: MetricSample }
  /** Reply to the engine's message of the same id. */
  | {
      readonly type: 'reply';
      readonly id: number;
      readonly error?: string;
      /** To `collect`. */
      readonly memory?: MemoryReading;
    };

export type EngineMessage =
  /** `timeMicros` of the monotonic clock, when it was sent: a busy thread reads it late. */
  | { readonly type: 'startWindow'; readonly id: number; readonly timeMicros: number }
  /** Without a folder the window's profile is dropped. */
  | { readonly type: 'stopWindow'; readonly id: number; readonly folder?: string }
  /**
   * Collects all garbage, which holds the app up, and reads what is left. With `intervalBytes` objects that are
   * allocated from then on are sampled until they are collected, for the rest of the process's life; with `folder`
   * those that are alive are written there.
   */
  | {
      readonly type: 'collect';
      readonly id: number;
      readonly intervalBytes?: number;
      readonly folder?: string;
    };
