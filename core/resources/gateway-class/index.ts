/** Gateway API GatewayClass v1: which implementation serves the Gateways that name it. Weft's own class is there without an object. */
import { defineKind, GATEWAY_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { controllerName, dnsLabel, dnsSubdomain, group, kindName } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { object, optional, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';

/** The class that needs no object. */
export const DEFAULT_GATEWAY_CLASS = 'weft';

/** GatewayClass.spec.controllerName of the classes that Weft serves. */
export const GATEWAY_CONTROLLER = 'weft.dev/gateway-controller';

const spec = object({
  controllerName: required(
    string({ format: controllerName }),
    `Who serves the class. Weft: \`${GATEWAY_CONTROLLER}\`; Gateways of other classes are left alone. May not change.`,
  ),
  parametersRef: optional(
    object({
      group: required(string({ format: group, minLength: 0 }), 'The group.'),
      kind: required(string({ format: kindName }), 'The kind.'),
      name: required(string({ format: dnsSubdomain }), 'The name.'),
      namespace: optional(string({ format: dnsLabel }), 'The namespace.'),
    }),
    'Weft’s classes have no parameters: Accepted=False, reason InvalidParameters.',
  ),
  description: optional(string({ maxLength: 64 }), 'A sentence for people.'),
});

export type GatewayClassSpec = Complete<typeof spec>;
export type GatewayClass = StoredObject<GatewayClassSpec, ConditionsStatus>;

export const GATEWAY_CLASS = defineKind({
  group: GATEWAY_GROUP,
  versions: ['v1', 'v1beta1'],
  kind: 'GatewayClass',
  plural: 'gatewayclasses',
  singular: 'gatewayclass',
  shortNames: ['gc'],
  categories: ['gateway-api'],
  scope: 'Cluster',
  doc: `Names the implementation that serves Gateways. \`${DEFAULT_GATEWAY_CLASS}\` is there without an object.`,
  name: dnsSubdomain,
  spec,
  example: { controllerName: GATEWAY_CONTROLLER },
  status: 'conditions',
  checkUpdate(before, after, report) {
    if (before.controllerName === after.controllerName) return;
    report(
      ['spec', 'controllerName'],
      'immutable-field',
      `may not change: it is ${before.controllerName}`,
      'make a class of another name',
    );
  },
  columns: [
    {
      name: 'Controller',
      type: 'string',
      doc: 'Who serves it.',
      priority: 0,
      value: ({ spec: { controllerName: name } }) => name,
    },
  ],
});
