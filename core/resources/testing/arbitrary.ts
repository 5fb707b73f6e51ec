/** fast-check arbitraries from the kinds' own schemas: valid values as a user could write them, defaults sometimes left out. */
import fc from 'fast-check';
import { apiVersionOf, bodyOf } from '../kind.ts';
import { type AnyKind, KINDS } from '../kinds.ts';
import { checkValue } from '../schema/check.ts';
import { Violations } from '../schema/violations.ts';
import type { Format } from '../schema/formats.ts';
import type { ObjectSchema, Schema } from '../schema/schema.ts';

const WORDS: Readonly<Record<string, readonly string[]>> = {
  'log-path': ['/var/log/weft/access.log', '/a.log'],
  'log-key': ['method', 'x.y'],
  'attribute-name': ['deployment.environment', 'team'],
  hostname: ['shop.example', '*.shop.example', 'a'],
  'precise-hostname': ['shop.example', 'b.c'],
  'header-name': ['x-user', 'X-Trace', 'accept', 'cookie', 'on'],
  'header-value': ['yes', 'a b', '1', 'true', '#x', ': y'],
  'collector-url': ['http://collector.example:4317', 'http://10.0.0.1:9411/api/v2/spans', 'http://[fd00::1]/x'],
  'bundle-url': ['https://bundles.example/', 'https://10.0.0.1:8443/a', 'https://[fd00::1]/x'],
  'spiffe-id': ['spiffe://partner.example/spire/server', 'spiffe://third.example/a'],
  'pem-certificates': ['-----BEGIN CERTIFICATE-----\n'],
  percentage: ['99.9', '95', '50.25'],
  duration: ['0s', '1s', '1m30s', '250ms', '2h'],
  cidr: ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'],
  ip: ['10.0.0.1', '192.168.3.4', 'fd00::1'],
  'cluster-ip': ['10.96.0.7', 'None'],
  'port-name': ['http', 'grpc-admin', 'p1', 'y'],
  'label-key': ['app', 'weft.example/zone', 'n'],
  'label-value': ['', 'a', 'v1.2', 'no', '007'],
  group: ['', 'gateway.networking.k8s.io', 'weft.dev'],
  kind: ['Service', 'Gateway'],
  'app-protocol': ['http', 'kubernetes.io/h2c', 'grpc'],
  'controller-name': ['weft.dev/gateway-controller', 'example.com/other'],
  'listener-protocol': ['HTTP', 'TCP', 'example.com/bar'],
  base64: ['', 'YQ=='],
  'config-key': ['ca.crt', 'a_b'],
  'trust-domain': ['weft.local', 'partner.example'],
  'dns-1035-label': ['orders', 'b-2', 'off'],
  'dns-label': ['a', 'shop', 'b-2', 'off'],
  'absolute-uri': ['spiffe://shop.example/ns/a/sa/b'],
  'well-known-authorities': ['System', 'example.com/all'],
  'namespace-or-any': ['*', 'shop', 'b-2'],
  'host-or-ip': ['proxy.example', '10.0.0.1', 'fd00::1'],
  place: ['eu', 'eu/a', 'eu/b/r1', 'us/1'],
  'dns-subdomain': ['a', 'orders', 'b.c', '0'],
};

/** Plain texts: valid as path, as regular expression and as identity. */
const TEXTS = ['/a', '/b/c', '/'];
const IDENTITIES = ['shop/orders', 'shop/*', '*', 'spiffe://partner.example/ns/a/sa/b', 'spiffe://partner.example/*'];

/** By the name of their field. */
const TEXTS_OF: Readonly<Record<string, readonly string[]>> = {
  jwks: ['{"keys":[{"kty":"EC","crv":"P-256","x":"a","y":"b"}]}'],
  bundle: ['{"keys":[]}'],
  url: ['https://issuer.example/keys', 'https://issuer.example:8443/'],
};

/** Formatted texts by the field's name, where fields depend on each other. */
const FORMATTED_OF: Readonly<Record<string, readonly string[]>> = {
  long: ['1h', '6h'],
  short: ['1m30s', '5m'],
  window: ['24h', '2h'],
  fasterThan: ['300ms', '1s'],
};

const formatted = (format: Format): fc.Arbitrary<string> => {
  const words = WORDS[format.name];
  if (words === undefined) throw new Error(`no words for format ${format.name}`);
  return fc.constantFrom(...words.filter((word) => format.accepts(word)));
};

/** A rule that chance never satisfies: what stands in PEM. */
const CERTIFICATE = {
  'tls.crt': btoa('-----BEGIN CERTIFICATE-----\n'),
  'tls.key': btoa('-----BEGIN PRIVATE KEY-----\n'),
};

function arbitraryOf(schema: Schema, name: string): fc.Arbitrary<unknown> {
  switch (schema.kind) {
    case 'string':
      if (schema.values !== undefined) return fc.constantFrom(...schema.values);
      if (schema.format?.name === 'duration' && FORMATTED_OF[name] !== undefined)
        return fc.constantFrom(...FORMATTED_OF[name]);
      if (schema.format !== undefined)
        return formatted(schema.format).filter((text) => text.length >= schema.minLength);
      if (name === 'service' || name === 'method') return fc.constantFrom('Orders', 'Place');
      return fc.constantFrom(...(TEXTS_OF[name] ?? (/identities$/i.test(name) ? IDENTITIES : TEXTS)));
    case 'integer':
      if (schema.values !== undefined) return fc.constantFrom(...schema.values);
      if (name === 'tableSize') return fc.constantFrom(101, 65_537);
      return fc.integer({ min: schema.minimum, max: Math.min(schema.maximum, 2_000_000_000) });
    case 'boolean':
      return fc.boolean();
    case 'int-or-string':
      return fc.oneof(fc.integer({ min: schema.minimum, max: schema.maximum }), formatted(schema.format));
    case 'any':
      return fc.constant({});
    case 'array':
      return fc
        .array(arbitraryOf(schema.items, name), {
          minLength: schema.minItems,
          maxLength: Math.min(schema.maxItems, Math.max(schema.minItems, 3)),
        })
        .filter((value) => shapeIsRight(schema, value));
    case 'map':
      if (name === 'stringData') return fc.constant({});
      if (name === 'data' && schema.maxEntries === 64) return fc.constant(CERTIFICATE);
      return fc.dictionary(
        schema.keys === undefined ? fc.string() : formatted(schema.keys),
        arbitraryOf(schema.values, name),
        {
          maxKeys: 3,
          noNullPrototype: true,
        },
      );
    case 'object':
      return objectOf(schema);
  }
}

/** Optional fields are there one time in three, where a rule holds one time in five: so "exactly one of" is met often enough. */
function objectOf(schema: ObjectSchema): fc.Arbitrary<unknown> {
  const weight = schema.rule === undefined ? 2 : 4;
  const fields = Object.entries(schema.fields).filter(([, field]) => field.presence !== 'unsupported');
  const entries = fields.map(([name, field]): fc.Arbitrary<readonly [string, unknown] | undefined> => {
    const entry = arbitraryOf(field.schema, name).map((value) => [name, value] as const);
    if (field.presence === 'required' || (name === 'data' && schema.rule !== undefined)) return entry;
    return fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: entry });
  });
  return fc
    .tuple(...entries)
    .map((given) => Object.fromEntries(given.filter((entry) => entry !== undefined)))
    .filter((value) => schema.rule === undefined || shapeIsRight(schema, value));
}

function shapeIsRight(schema: Schema, value: unknown): boolean {
  const found = new Violations();
  return checkValue(schema, value, [], found);
}

export interface Generated {
  /** A word that `kindOfWord` knows; not the descriptor, so that a counterexample can be read. */
  readonly kind: string;
  readonly written: Readonly<Record<string, unknown>>;
}

const NAMES = ['a', 'orders', 'shop-2'];

/** A whole object of one kind, as a user could write it. */
export const objectOfKind = (kind: AnyKind): fc.Arbitrary<Generated> =>
  fc
    .record({
      name: fc.constantFrom(...NAMES),
      labels: fc.option(
        fc.dictionary(fc.constantFrom('app', 'version', 'y'), fc.constantFrom('a', 'true', '1'), {
          noNullPrototype: true,
        }),
        {
          nil: undefined,
        },
      ),
      spec: arbitraryOf(kind.spec, 'spec'),
    })
    .map(({ name, labels, spec }) => ({
      kind: kind.singular,
      written: {
        apiVersion: apiVersionOf(kind.group, kind.versions[0]),
        kind: kind.kind,
        metadata: {
          name,
          ...(kind.scope === 'Cluster' ? {} : { namespace: 'shop' }),
          ...(labels === undefined ? {} : { labels }),
        },
        ...bodyOf(kind, spec),
      },
    }));

export const anyObject: fc.Arbitrary<Generated> = fc.constantFrom(...KINDS).chain(objectOfKind);
