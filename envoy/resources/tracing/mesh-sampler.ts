/** Our engine's own sampler, as a TypedStruct `dev.weft.tracing.v1.MeshSampler`: read strictly, since whoever writes it means us. */
import type { MeshSampler, TraceHeaders, TraceRule } from '@weft/core/proxy-config';
import { pack, type JsonObject, type JsonValue, type Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { TYPED_STRUCT } from '../base/typed-struct.ts';

type Typed = Messages['xds.type.v3.TypedStruct'];

const TYPE = 'type.googleapis.com/dev.weft.tracing.v1.MeshSampler';
const HEADERS: readonly TraceHeaders[] = ['w3c', 'b3', 'b3-single', 'jaeger', 'datadog'];

export const encodeMeshSampler = ({
  sampling,
  rules,
  tail,
  headers,
}: MeshSampler): Messages['envoy.config.core.v3.TypedExtensionConfig'] => ({
  name: 'dev.weft.mesh',
  typed_config: pack(TYPED_STRUCT, {
    type_url: TYPE,
    value: {
      sampling,
      rules: rules.map(({ header, ...rule }) => ({
        ...rule,
        ...(header === undefined ? {} : { header: header.name }),
        ...(header?.value === undefined ? {} : { value: header.value }),
      })),
      ...(tail === undefined ? {} : { errors: tail.errors, slowerThan: tail.slowerThan }),
      headers,
    },
  }),
});

const NOTHING: MeshSampler = { kind: 'mesh', sampling: 0, rules: [], tail: undefined, headers: ['w3c'] };

export function decodeMeshSampler(cursor: Cursor<Typed>): MeshSampler {
  const type = cursor.take('type_url');
  const value = cursor.take('value');
  const made = type === TYPE && value !== undefined ? samplerOf(value) : undefined;
  if (made === undefined)
    cursor.fault(type === TYPE ? 'value' : 'type_url', 'invalid-value', `a ${TYPE} as Weft's control plane writes it`);
  return made ?? NOTHING;
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPercent = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && value >= 0 && value <= 100;

function samplerOf({ sampling, rules, errors, slowerThan, headers, ...others }: JsonObject): MeshSampler | undefined {
  if (!isPercent(sampling) || !Array.isArray(rules) || !Array.isArray(headers)) return undefined;
  const list = (rules as readonly JsonValue[]).map(ruleOf);
  const known = (headers as readonly JsonValue[]).map((name) => HEADERS.find((one) => one === name));
  const hasTail = typeof errors === 'boolean' && typeof slowerThan === 'number' && slowerThan >= 0;
  if (!hasTail && (errors !== undefined || slowerThan !== undefined)) return undefined;
  if (Object.keys(others).length > 0 || list.includes(undefined) || known.includes(undefined)) return undefined;
  return {
    kind: 'mesh',
    sampling,
    rules: list.flatMap((rule) => rule ?? []),
    tail: hasTail ? { errors, slowerThan } : undefined,
    headers: known.flatMap((name) => name ?? []),
  };
}

function ruleOf(rule: JsonValue): TraceRule | undefined {
  if (!isObject(rule)) return undefined;
  const { namespace, service, pathPrefix, header, value, sampling, ...others } = rule;
  if (typeof namespace !== 'string' || typeof service !== 'string' || typeof pathPrefix !== 'string') return undefined;
  if (!isPercent(sampling) || Object.keys(others).length > 0) return undefined;
  if ((header !== undefined && typeof header !== 'string') || (value !== undefined && typeof value !== 'string'))
    return undefined;
  return {
    namespace,
    service,
    pathPrefix,
    header: header === undefined ? undefined : { name: header, value },
    sampling,
  };
}
