import * as vscode from 'vscode';
import { BenchmarkResults } from './benchmarkResults';
import { profilesFolderOf, runRequest, type BenchmarkServices } from './benchmarkRun';
import { BenchmarkTree } from './benchmarkTree';

/**
 * Benchmarks (`*.bench.{ts,js,mts,mjs}` written with tinybench) in the Test Explorer. They are the workspace's own code,
 * so nothing is offered before the workspace is trusted.
 * @param options.dist folder of the built bundles
 */
export function registerBenchmarks(
  context: vscode.ExtensionContext,
  options: Pick<BenchmarkServices, 'dist' | 'tools' | 'log'>,
): vscode.Disposable {
  const profilesFolder = profilesFolderOf(context);
  const offer = () => offerBenchmarks({ ...options, profilesFolder }, 'throughline.benchmarks');
  if (vscode.workspace.isTrusted) return offer();
  let offered: vscode.Disposable | undefined;
  const granted = vscode.workspace.onDidGrantWorkspaceTrust(() => {
    offered ??= offer();
  });
  return new vscode.Disposable(() => {
    granted.dispose();
    offered?.dispose();
  });
}

/** `id` of the test controller. Disposing ends the benchmarks that run. */
export function offerBenchmarks(
  options: Pick<BenchmarkServices, 'dist' | 'tools' | 'log' | 'profilesFolder'>,
  id: string,
): vscode.Disposable & { readonly services: BenchmarkServices } {
  const controller = vscode.tests.createTestController(id, vscode.l10n.t('Throughline Benchmarks'));
  const tree = new BenchmarkTree(controller);
  const results = new BenchmarkResults(controller, tree);
  const services: BenchmarkServices = { ...options, controller, tree, results };
  const closing = new vscode.CancellationTokenSource();
  const profile = (label: string, profiled: boolean, isDefault: boolean) =>
    controller.createRunProfile(
      label,
      vscode.TestRunProfileKind.Run,
      (request, token) => {
        const either = new vscode.CancellationTokenSource();
        const ends = [token, closing.token].map((each) =>
          each.onCancellationRequested(() => either.cancel()),
        );
        return runRequest(services, request, either.token, profiled).finally(() => {
          for (const each of [either, ...ends]) each.dispose();
        });
      },
      isDefault,
    );
  profile(vscode.l10n.t('Run Benchmark'), false, true);
  // Of the kind "run": the Test Explorer has none for profiling.
  profile(vscode.l10n.t('Profile'), true, false);
  return {
    services,
    dispose: () => {
      closing.cancel();
      for (const each of [results, tree, controller, closing]) each.dispose();
    },
  };
}
