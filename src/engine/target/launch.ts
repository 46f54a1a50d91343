import { statSync } from 'node:fs';
import path from 'node:path';
import { CancelledError, ThroughlineError, throwIfCancelled, errorMessage } from '../model/errors';
import type { Route } from '../model/load';
import type { MetricSample } from '../model/metrics';
import {
  HEAP_INTERVAL_BYTES,
  type CaptureFolder,
  type CaptureOptions,
  type CollectOptions,
  type LaunchSpec,
  type ProcessInfo,
  type ProcessMemory,
  type RunningTarget,
  type TargetExit,
} from '../model/target';
import { AgentServer } from './agentServer';
import type { AgentConnection } from './agentServer';
import { CaptureWindow } from './captureWindow';
import { collectGarbage } from './collect';
import { findProgram, targetEnvironment } from './environment';
import { agentLost, agentLostByScript, knownFailure, saysWatcherStopped, startFailure } from './failure';
import { lostAgent } from './lostAgent';
import { OutputTail } from './outputTail';
import type { AppPort } from './readiness';
import { appPorts, choosePort, originOf } from './readiness';
import { unsupportedRuntime } from './runtimes';
import { withoutScript } from './scripts';
import { SupervisorClient } from './supervisorClient';

export interface LaunchOptions {
  /** Folder of the bundles `agent.cjs` and `supervisor.cjs`. */
  readonly dist: string;
  readonly capture: CaptureOptions;
  /** See `HEAP_INTERVAL_BYTES`, which it is unless given. */
  readonly heapIntervalBytes?: number;
  /** How long the app may take until it listens. */
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
  onOutput(text: string): void;
}

/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 3000;
/** After a port was opened, others may follow: a second server, the rest of a cluster. */
const SETTLE_MS = 300;
/** A server without the agent may be a tool's; if nothing else listens for this long, it is the app. */
const LOST_MS = 3000;
/** A tool that restarts the app replaces its process within this. */
const RESTART_MS = 2000;

/**
 * Starts an app and waits until it listens. Rejects, with every process ended, with `TARGET_NOT_STARTED`,
 * `TARGET_EXITED`, `TARGET_NEEDS_ENV`, `TARGET_PORT_IN_USE`, `TARGET_NOT_LISTENING`, `TARGET_AGENT_LOST` or `CancelledError`.
 */
export async function launchTarget(spec: LaunchSpec, options: LaunchOptions): Promise<RunningTarget> {
  throwIfCancelled(options.signal);
  checkFolder(spec);
  const unsupported = unsupportedRuntime(spec);
  if (unsupported) throw unsupported;
  const app = await LaunchedApp.start(spec, options);
  try {
    await app.becomeReady();
    return app;
  } catch (error) {
    await app.stop();
    throw error;
  }
}

class LaunchedApp implements RunningTarget {
  readonly exited: Promise<TargetExit>;
  private port: AppPort | undefined;
  private readonly tail = new OutputTail();
  private readonly metricsListeners = new Set<(sample: MetricSample) => void>();
  private readonly window = new CaptureWindow();
  /** Called when ports change, the app ends or writes. */
  private wake: () => void = () => undefined;
  private end: (exit: TargetExit) => void = () => undefined;
  private rootExit: { readonly code: number | null; readonly signal: string | null } | undefined;
  private ended = false;
  private stopping: Promise<void> | undefined;
  private portsChangedAt = 0;
  private lostSince: number | undefined;
  private lostCheckedAt = 0;
  private agents!: AgentServer;
  private supervisor!: SupervisorClient;

  private constructor(
    readonly spec: LaunchSpec,
    private readonly options: LaunchOptions,
  ) {
    this.exited = new Promise((resolve) => (this.end = resolve));
  }

  static async start(spec: LaunchSpec, options: LaunchOptions): Promise<LaunchedApp> {
    const app = new LaunchedApp(spec, options);
    app.agents = await AgentServer.open({
      onProcess: (agent) => app.supervisor.track(agent.info.pid),
      onWorker: (worker) => app.window.join(worker),
      onListening: () => app.listeningChanged(),
      onMetrics: (sample) => app.metricsListeners.forEach((listener) => listener(sample)),
    });
    try {
      await app.spawn();
    } catch (error) {
      await app.agents.close();
      throw error;
    }
    return app;
  }

  private async spawn(): Promise<void> {
    const { options, agents } = this;
    const direct = withoutScript(this.spec);
    const spec = direct && findProgram(direct.program, direct.folder, direct.env) ? direct : this.spec;
    const env = targetEnvironment(
      process.env,
      spec.env,
      {
        socket: agents.socketPath,
        token: agents.token,
        cpu: options.capture.cpu,
        intervalMicros: options.capture.intervalMicros,
        inlining: options.capture.inlining,
        ...(options.capture.heap && { heapIntervalBytes: options.heapIntervalBytes ?? HEAP_INTERVAL_BYTES }),
      },
      this.agentFile,
    );
    const program = findProgram(spec.program, spec.folder, env);
    if (!program) {
      throw new ThroughlineError('TARGET_NOT_STARTED', `The program "${spec.program}" was not found.`);
    }
    this.supervisor = new SupervisorClient(options.dist, {
      onOutput: (text) => this.wrote(text),
      onExit: (code, signal) => {
        this.rootExit = { code, signal };
        this.checkEnd();
      },
    });
    try {
      await this.supervisor.start({
        program,
        args: spec.args,
        folder: spec.folder,
        env,
        shell: process.platform === 'win32' && /\.(cmd|bat)$/i.test(program),
        token: agents.token,
        socketPath: agents.socketPath,
        graceMs: GRACE_MS,
      });
    } catch (error) {
      await this.supervisor.stop(GRACE_MS);
      const reason = errorMessage(error);
      throw new ThroughlineError('TARGET_NOT_STARTED', `"${spec.label}" could not be started: ${reason}.`);
    }
  }

  private get captures(): boolean {
    return this.options.capture.cpu || this.options.capture.heap;
  }

  private get agentFile(): string {
    return path.join(this.options.dist, 'agent.cjs');
  }

  get origin(): string {
    if (!this.port) throw new ThroughlineError('INTERNAL', 'The app is not ready.');
    return originOf(this.port);
  }

  /** Every TCP port that the app listens on now. */
  listeners(): readonly AppPort[] {
    return appPorts(this.agents.processes().map(({ info, listeners }) => ({ pid: info.pid, listeners })));
  }

  processes(): readonly ProcessInfo[] {
    return this.agents.processes().map(({ info }) => info);
  }

  routesSeen(): readonly Route[] {
    const counts = new Map<string, number>();
    for (const { routes } of this.agents.processes()) {
      for (const [key, requests] of routes) counts.set(key, (counts.get(key) ?? 0) + requests);
    }
    return [...counts]
      .sort((a, b) => b[1] - a[1])
      .map(([key]) => {
        const space = key.indexOf(' ');
        return { method: key.slice(0, space), path: key.slice(space + 1) };
      });
  }

  async startWindow(signal?: AbortSignal): Promise<void> {
    const serving = this.agents.processes().filter((agent) => agent.connected && isServing(agent));
    const begun = this.window.start(serving, this.agents.workers(), signal);
    await (this.captures ? begun : unlessFailed(begun));
  }

  async stopWindow(folder: string, signal?: AbortSignal): Promise<readonly CaptureFolder[]> {
    const written = this.window.stop(folder, signal);
    if (this.captures) return written;
    await unlessFailed(written);
    return [];
  }

  async collectGarbage(options: CollectOptions = {}): Promise<readonly ProcessMemory[]> {
    const serving = this.agents.processes().filter((agent) => agent.connected && isServing(agent));
    return collectGarbage(serving, options);
  }

  onMetrics(listener: (sample: MetricSample) => void): () => void {
    this.metricsListeners.add(listener);
    return () => void this.metricsListeners.delete(listener);
  }

  output(): string {
    return this.tail.text();
  }

  stop(graceMs = GRACE_MS): Promise<void> {
    this.stopping ??= (async () => {
      this.agents.cancel();
      await this.supervisor.stop(graceMs);
      await this.agents.close();
      this.finish();
    })();
    return this.stopping;
  }

  /** Resolves when a port can be loaded. */
  async becomeReady(): Promise<void> {
    const { signal, readyTimeoutMs } = this.options;
    const deadline = performance.now() + readyTimeoutMs;
    const abort = () => this.wake();
    signal.addEventListener('abort', abort);
    try {
      for (;;) {
        if (signal.aborted) throw new CancelledError();
        if (this.ended) throw startFailure(this.spec, await this.exited);
        this.port = await this.readyPort();
        if (this.port) return;
        if (this.listeners().length === 0 && saysWatcherStopped(this.output())) {
          throw startFailure(this.spec, { code: null, signal: null, output: this.output() });
        }
        this.checkAgents();
        const left = deadline - performance.now();
        if (left <= 0) throw this.notListening();
        await this.wakened(Math.min(left, 1000));
      }
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  private async readyPort(): Promise<AppPort | undefined> {
    if (this.listeners().length === 0) return undefined;
    // Waits for quiet, but not for an app that opens ports all the time.
    for (let round = 0; round < 5 && performance.now() - this.portsChangedAt < SETTLE_MS; round++) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    }
    const port = await choosePort(this.listeners(), this.options.signal);
    return this.options.signal.aborted ? undefined : port;
  }

  /** Throws where the app serves from a process without an agent, which will never be ready. */
  private checkAgents(): void {
    const now = performance.now();
    // An app's output wakes more often, and a look at all processes takes milliseconds.
    if (now - this.lostCheckedAt < 900) return;
    this.lostCheckedAt = now;
    const connected = new Set(this.agents.processes().map(({ info }) => info.pid));
    const { token } = this.agents;
    const lost =
      this.listeners().length > 0
        ? undefined
        : lostAgent(this.supervisor.members(), connected, { token, file: this.agentFile });
    this.lostSince = lost && (this.lostSince ?? now);
    if (lost && now - (this.lostSince ?? now) >= LOST_MS) throw agentLost(this.spec, lost, this.output());
  }

  private notListening(): ThroughlineError {
    const known = knownFailure(this.output());
    if (known) return known;
    const lost = process.platform === 'linux' ? undefined : agentLostByScript(this.spec, this.output());
    if (lost && this.listeners().length === 0) return lost;
    const seconds = Math.round(this.options.readyTimeoutMs / 1000);
    const ports = this.listeners().map(({ port }) => port);
    const message =
      ports.length > 0
        ? `"${this.spec.label}" listens on port ${ports.join(', ')}, but does not speak HTTP there.`
        : `"${this.spec.label}" listens on no port after ${seconds} s.`;
    return new ThroughlineError('TARGET_NOT_LISTENING', message, this.output());
  }

  private wakened(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private wrote(text: string): void {
    this.tail.add(text);
    this.options.onOutput(text);
    this.wake();
  }

  private listeningChanged(): void {
    this.portsChangedAt = performance.now();
    this.checkEnd();
    this.wake();
  }

  /** The app is over when what we started has ended and nothing of it serves any more, or its server is gone for good. */
  private checkEnd(): void {
    if (this.ended || this.stopping) return;
    if (this.agents.processes().some(isServing)) return;
    if (this.rootExit) {
      this.ended = true;
      // The supervisor's end closes the pipes: only then is the output complete.
      void this.stop();
    } else if (this.port) {
      const timer = setTimeout(() => {
        if (this.ended || this.stopping || this.agents.processes().some(isServing)) return;
        this.rootExit ??= { code: null, signal: null };
        this.checkEnd();
      }, RESTART_MS);
      timer.unref();
    }
  }

  private finish(): void {
    this.ended = true;
    const { code, signal } = this.rootExit ?? { code: null, signal: null };
    this.end({ code, signal, output: this.output() });
    this.wake();
  }
}

function isServing(agent: AgentConnection): boolean {
  return agent.listeners.length > 0;
}

/** The metrics go without their marks where a process does not reply. */
async function unlessFailed(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CancelledError) throw error;
  }
}

function checkFolder(spec: LaunchSpec): void {
  const stats = statSync(spec.folder, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) {
    throw new ThroughlineError('TARGET_NOT_STARTED', `The folder ${spec.folder} does not exist.`);
  }
}
