import { stringify } from 'yaml';
import type { LoadTest } from '../model/loadTest';
import type { Exported } from './exported';
import { fileStem, originOf } from './flows';
import { exportK6 } from './k6';

const DEFAULT_PARALLELISM = 2;
/** What Kubernetes takes in a ConfigMap. */
const MAX_CONFIG_MAP_BYTES = 1024 * 1024;

/**
 * The k6 script in a ConfigMap with a TestRun for the k6-operator, in one file. Values of the environment and
 * secrets come from a Secret of the cluster.
 * @param parallelism runners, over which k6 divides the executor's load.
 */
export function exportK6Operator(test: LoadTest, parallelism = DEFAULT_PARALLELISM): Exported {
  const k6 = exportK6(test);
  const name = fileStem(test.name);
  const secret = `${name}-values`;
  const names = [...new Set([...k6.needs.env, ...k6.needs.secrets])];
  const env = [
    ...(test.target === undefined ? [{ name: 'ORIGIN', value: originOf(test) }] : []),
    ...names.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: secret, key } } })),
  ];
  const script = k6.files[0]!;
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-script` },
    data: Object.fromEntries(k6.files.map(({ name: file, content }) => [file, content])),
  };
  const testRun = {
    apiVersion: 'k6.io/v1alpha1',
    kind: 'TestRun',
    metadata: { name },
    spec: {
      parallelism,
      script: { configMap: { name: `${name}-script`, file: script.name } },
      ...(env.length > 0 && { runner: { env } }),
    },
  };
  const head =
    names.length === 0
      ? ''
      : `# Values come from a Secret: kubectl create secret generic ${secret}${names.map((key) => ` --from-literal=${key}=...`).join('')}\n`;
  const content = `${head}${[configMap, testRun].map((each) => stringify(each, { lineWidth: 0 })).join('---\n')}`;
  return {
    files: [{ name: `${name}.testrun.yaml`, content }],
    notExpressed: [
      ...k6.notExpressed,
      'Each runner of the operator judges the thresholds on its own share and "abortOnFail" ends that runner alone: import the JSON points of all of them to judge the whole.',
      ...(isLoopback(originOf(test))
        ? [`In a cluster ${originOf(test)} is the runner itself: give its environment an ORIGIN.`]
        : []),
      ...(Buffer.byteLength(JSON.stringify(configMap.data)) > MAX_CONFIG_MAP_BYTES
        ? ['The script and its data are larger than the 1 MiB of a ConfigMap: put them into a volume.']
        : []),
    ],
    needs: k6.needs,
  };
}

function isLoopback(origin: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(origin).hostname);
}
