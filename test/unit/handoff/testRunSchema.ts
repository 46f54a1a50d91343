/**
 * What the k6-operator's definition of a TestRun (k6.io/v1alpha1, config/crd/bases/k6.io_testruns.yaml) asks of the
 * fields that the export has, in our own words: the definition itself is 6,000 lines, most of them Kubernetes' pods.
 * Fields that the export has not are refused here.
 */
export const testRunSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { const: 'k6.io/v1alpha1' },
    kind: { const: 'TestRun' },
    metadata: {
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      // Of Kubernetes: a DNS label.
      properties: { name: { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' } },
    },
    spec: {
      type: 'object',
      additionalProperties: false,
      required: ['parallelism', 'script'],
      properties: {
        parallelism: { type: 'integer', minimum: 1, maximum: 2147483647 },
        script: {
          type: 'object',
          additionalProperties: false,
          required: ['configMap'],
          properties: {
            configMap: {
              type: 'object',
              additionalProperties: false,
              required: ['name'],
              properties: { name: { type: 'string' }, file: { type: 'string' } },
            },
          },
        },
        runner: {
          type: 'object',
          additionalProperties: false,
          properties: {
            env: {
              type: 'array',
              items: {
                type: 'object',
                additionalProperties: false,
                required: ['name'],
                properties: {
                  name: { type: 'string', pattern: '^[-._a-zA-Z][-._a-zA-Z0-9]*$' },
                  value: { type: 'string' },
                  valueFrom: {
                    type: 'object',
                    additionalProperties: false,
                    properties: {
                      secretKeyRef: {
                        type: 'object',
                        additionalProperties: false,
                        required: ['key'],
                        properties: {
                          name: { type: 'string' },
                          key: { type: 'string', pattern: '^[-._a-zA-Z0-9]+$' },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
} as const;
