import * as vscode from 'vscode';
import { CancelledError } from '../../engine/model/errors';
import type { Route } from '../../engine/model/load';
import { parseRoute } from '../../engine/model/route';
import { confirm } from '../messages';

/** What a lens runs: a handler as it is declared. */
export interface DeclaredRoute {
  /** `GET /items/:id`: the route's name in results, and what is remembered of it. */
  readonly label: string;
  readonly method: string;
  /** With parameters; without the prefix of a router that is mounted elsewhere, where `isWhole` is false. */
  readonly path: string;
  readonly isWhole: boolean;
  readonly hasParameters: boolean;
  /** To begin with where nothing is known. */
  readonly proposed: string;
  /** One that a run has sent, which the handler serves. */
  readonly seen?: string;
}

/** A request that a route is loaded with. */
export interface RouteRequest extends Route {
  readonly body?: string;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** What was answered of routes is kept in the workspace's state. */
export class RouteAnswers {
  constructor(private readonly state: vscode.Memento) {}

  remembered(label: string): RouteRequest | undefined {
    const kept = this.state.get<Partial<RouteRequest>>(keyOf(label));
    if (typeof kept?.path !== 'string' || typeof kept.method !== 'string') return undefined;
    const { method, path, body } = kept;
    return { method, path, ...(typeof body === 'string' && { body }) };
  }

  /**
   * The request of a route: what the code and the last run do not tell is asked for once, or again where `anew`.
   * Throws `CancelledError` where a question is dismissed.
   */
  async requestOf(route: DeclaredRoute, anew: boolean): Promise<RouteRequest> {
    const { method, label } = route;
    const known = this.remembered(label);
    if (known && !anew) return known;
    if (!SAFE.has(method)) await confirmChange(label);
    const needsPath = anew || !route.isWhole || (route.hasParameters && route.seen === undefined);
    const path = needsPath
      ? await askPath(route, known?.path ?? route.seen ?? route.proposed)
      : (route.seen ?? route.proposed);
    const body = WITH_BODY.has(method) ? await askBody(label, known?.body ?? '') : '';
    const request = { method, path, ...(body.trim() !== '' && { body }) };
    // What nobody was asked for is worked out anew each time.
    if (needsPath || !SAFE.has(method)) await this.state.update(keyOf(label), request);
    return request;
  }
}

function keyOf(label: string): string {
  return `throughline.route:${label}`;
}

async function confirmChange(label: string): Promise<void> {
  const isSure = await confirm(
    vscode.l10n.t('{0} may change data, and will be sent many times a second.', label),
    vscode.l10n.t('The app that is loaded is the one of this workspace, with the data that it uses.'),
    vscode.l10n.t('Load Test'),
  );
  if (!isSure) throw new CancelledError();
}

async function askPath({ label, isWhole }: DeclaredRoute, value: string): Promise<string> {
  const isWrong = (text: string) => parseRoute(text.trim())?.method !== 'GET';
  const path = await vscode.window.showInputBox({
    title: vscode.l10n.t('Which Path Does {0} Have?', label),
    prompt: isWhole
      ? vscode.l10n.t('With values for its parameters. It is remembered in this workspace.')
      : vscode.l10n.t(
          'The whole path from "/": the file that mounts this router was not found. It is remembered in this workspace.',
        ),
    value,
    ignoreFocusOut: true,
    validateInput: (text) =>
      isWrong(text) ? vscode.l10n.t('A path begins with "/" and has no spaces: "/items/1".') : undefined,
  });
  if (path === undefined || isWrong(path)) throw new CancelledError();
  return path.trim();
}

async function askBody(label: string, value: string): Promise<string> {
  const problem = (text: string) =>
    text.trim() === '' || isJson(text) ? undefined : vscode.l10n.t('That is no JSON.');
  const body = await vscode.window.showInputBox({
    title: vscode.l10n.t('Which Body Is Sent With {0}?', label),
    prompt: vscode.l10n.t('JSON; empty for none. It is remembered in this workspace: write no secrets.'),
    value,
    placeHolder: '{ "name": "value" }',
    ignoreFocusOut: true,
    validateInput: problem,
  });
  if (body === undefined || problem(body) !== undefined) throw new CancelledError();
  return body;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
