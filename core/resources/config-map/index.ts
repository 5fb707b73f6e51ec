/** core/v1 ConfigMap, for the authorities that Gateways and BackendTLSPolicies trust (key `ca.crt`). Other keys are kept, without effect. */
import { defineKind } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { base64, configKey, dnsSubdomain } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { boolean, map, object, optional, string } from '../schema/schema.ts';

/** Of all values together, as Kubernetes. */
const LONGEST = 1_048_576;

/** The key with PEM certificates. */
export const AUTHORITIES_KEY = 'ca.crt';

const spec = object(
  {
    data: optional(
      map(string({ minLength: 0, maxLength: LONGEST }), { keys: configKey, maxEntries: 256 }),
      'Texts by key. `ca.crt`: PEM certificates of authorities.',
    ),
    binaryData: optional(
      map(string({ format: base64, minLength: 0, maxLength: LONGEST }), { keys: configKey, maxEntries: 256 }),
      'Kept, without effect here.',
    ),
    immutable: optional(boolean(), 'Written by Kubernetes; kept, without effect here.'),
  },
  ({ data = {}, binaryData = {} }, report) => {
    const sum = [...Object.entries(data), ...Object.entries(binaryData)].reduce(
      (all, [key, text]) => all + key.length + text.length,
      0,
    );
    if (sum > LONGEST) report([], 'too-long', `at most ${LONGEST} characters are allowed together, found ${sum}`);
  },
);

export type ConfigMapSpec = Complete<typeof spec>;
export type ConfigMap = StoredObject<ConfigMapSpec>;

export const CONFIG_MAP = defineKind({
  group: '',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  scope: 'Namespaced',
  doc: 'Texts by key. The mesh reads `ca.crt`: the authorities that a Gateway, a BackendTLSPolicy or a TrafficPolicy trusts.',
  name: dnsSubdomain,
  spec,
  layout: 'root',
  specOptional: true,
  example: { data: { [AUTHORITIES_KEY]: '-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----\n' } },
  status: 'conditions',
  columns: [
    {
      name: 'Data',
      type: 'integer',
      doc: 'How many values.',
      priority: 0,
      value: ({ spec: { data = {}, binaryData = {} } }) => Object.keys(data).length + Object.keys(binaryData).length,
    },
  ],
});
