import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import path from 'node:path';
import { endTree, ProcessTree } from './processTree';
import type { StartRequest, SupervisorReply, SupervisorRequest } from './supervisorMessages';

export interface SupervisorEvents {
  onOutput(text: string, stream: 'stdout' | 'stderr'): void;
  /** The process that was started ended; others of its tree may live. */
  onExit(code: number | null, signal: string | null): void;
}

/** The engine's handle on the detached process that starts and ends the app. See `supervisor.ts`. */
export class SupervisorClient {
  /** The supervisor ended, and with it all output of the app. */
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  private tree: ProcessTree | undefined;
  private stopping: Promise<void> | undefined;
  private rootExited = false;

  constructor(
    private readonly dist: string,
    private readonly events: SupervisorEvents,
  ) {
    // The engine's own Node (the editor's in the extension host), free of the options meant for the app.
    const env: NodeJS.ProcessEnv = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
    delete env['NODE_OPTIONS'];
    this.child = fork(path.join(this.dist, 'supervisor.cjs'), {
      detached: true,
      env,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const name of ['stdout', 'stderr'] as const) {
      const stream = this.child[name];
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => this.events.onOutput(text, name));
    }
    this.ended = new Promise((resolve) => {
      this.child.once('error', () => resolve());
      this.child.once('exit', () => {
        // A process that escaped may hold the pipes open for ever.
        const timer = setTimeout(resolve, 1000);
        this.child.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    });
  }

  /** Resolves with the app's pid; rejects with the system's reason. */
  async start(request: Omit<StartRequest, 'type'>): Promise<number> {
    this.send({ type: 'start', ...request });
    const pid = await new Promise<number>((resolve, reject) => {
      this.child.on('message', (reply: SupervisorReply) => {
        if (reply.type === 'started') resolve(reply.pid);
        else if (reply.type === 'notStarted') reject(new Error(reply.message));
        else {
          this.rootExited = true;
          this.events.onExit(reply.code, reply.signal);
        }
      });
      void this.ended.then(() => reject(new Error('its supervisor ended')));
    });
    this.tree = new ProcessTree(pid, request.token);
    // Killed by somebody: then the app is ended from here.
    void this.ended.then(() => {
      if (!this.rootExited) this.events.onExit(null, null);
      return this.stop(request.graceMs);
    });
    return pid;
  }

  /** Includes a process in what `stop` ends; to be called while its agent is connected. */
  track(pid: number): void {
    this.tree?.add(pid);
    this.send({ type: 'track', pid });
  }

  /** Pids of the app's live processes; see `ProcessTree`. */
  members(): readonly number[] {
    return this.tree?.members() ?? [];
  }

  /** Ends every process of the app. Idempotent; resolves when none is left. */
  stop(graceMs: number): Promise<void> {
    this.stopping ??= (async () => {
      this.send({ type: 'stop', graceMs });
      await this.ended;
      if (this.tree && this.tree.members().length > 0) await endTree(this.tree, graceMs);
    })();
    return this.stopping;
  }

  private send(request: SupervisorRequest): void {
    if (this.child.connected) this.child.send(request, () => undefined);
  }
}
