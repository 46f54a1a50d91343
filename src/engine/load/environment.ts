/** Of a load generator: the editor's or the user's preloads and debuggers would slow it down, or stop it. */
export function generatorEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  for (const name of Object.keys(environment))
    if (/^(NODE_OPTIONS|NODE_V8_COVERAGE|VSCODE_INSPECTOR_OPTIONS|NODE_DEBUG)$/i.test(name))
      delete environment[name];
  return environment;
}
