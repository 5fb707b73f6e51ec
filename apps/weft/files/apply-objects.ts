/** Applies objects read from files to a control plane: what others need first, each with the text it came from. */
import type { ApiClient, Json, JsonObject, Name } from '@weft/control/api/client';
import { type Diagnostic, formatDiagnostic } from '@weft/core/kernel';
import { type AnyKind, kindOfObject, objectName, type StoredObject } from '@weft/core/resources';
import { locate, type ParsedObject } from '@weft/core/resources/text';

export interface AppliedObject {
  readonly kind: AnyKind;
  readonly namespace: string;
  readonly name: string;
  readonly outcome: 'created' | 'configured' | 'unchanged';
}

export interface ApplyResult {
  readonly applied: readonly AppliedObject[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ApplyOptions {
  readonly dryRun?: boolean;
  /** Annotations that each object gets beside its own. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Namespaces need their Mesh, everything else its Namespace. */
const FIRST: readonly string[] = ['Mesh', 'Namespace'];
const rank = ({ object }: ParsedObject): number => {
  const index = FIRST.indexOf(object?.kind ?? '');
  return index < 0 ? FIRST.length : index;
};

export const nameOf = (object: StoredObject, kind: AnyKind): Name => ({
  kind,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
});

/** Objects with errors of their own must have been sorted out by the caller. */
export async function applyObjects(
  client: ApiClient,
  objects: readonly ParsedObject[],
  options: ApplyOptions = {},
): Promise<ApplyResult> {
  const applied: AppliedObject[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const parsed of [...objects].sort((a, b) => rank(a) - rank(b))) {
    const { object, origin } = parsed;
    const kind = object === undefined ? undefined : kindOfObject(object);
    if (object === undefined || kind === undefined) continue;
    const answer = await client.apply(nameOf(object, kind), wished(parsed, object, options), {
      dryRun: options.dryRun,
      origin: options.dryRun === true ? undefined : origin,
    });
    const { namespace, name } = object.metadata;
    const place = { file: origin.file, object: objectName(object.kind, namespace, name) };
    if (answer.ok) {
      applied.push({ kind, namespace, name, outcome: answer.value.outcome });
      for (const message of answer.value.warnings)
        diagnostics.push({ severity: 'warning', code: 'warning', message, place });
      continue;
    }
    const { error } = answer;
    const causes = error.code === 'refused' ? (error.status.details?.causes ?? []) : [];
    if (causes.length === 0)
      diagnostics.push({
        severity: 'error',
        code: error.code,
        message: error.message,
        place: { ...place, line: origin.firstLine, column: 1 },
      });
    for (const { field = '', message = '' } of causes) {
      const position = locate(origin, field);
      diagnostics.push({
        severity: 'error',
        code: 'refused',
        message,
        place: { ...place, line: position.line, column: position.column, path: field },
      });
    }
  }
  return { applied, diagnostics };
}

function wished({ written }: ParsedObject, object: StoredObject, { annotations = {} }: ApplyOptions): JsonObject {
  const metadata = (written.metadata ?? {}) as JsonObject;
  const own = (metadata.annotations ?? {}) as JsonObject;
  const all: Record<string, Json> = { ...own, ...annotations };
  const { namespace } = object.metadata;
  return {
    ...(written as JsonObject),
    apiVersion: object.apiVersion,
    metadata: {
      ...metadata,
      ...(namespace === '' ? {} : { namespace }),
      ...(Object.keys(all).length === 0 ? {} : { annotations: all }),
    },
  };
}

/** `httproute.gateway.networking.k8s.io/orders created`, as kubectl prints it. */
export const outcomeText = ({ kind, name, outcome }: AppliedObject): string =>
  `${kind.singular}${kind.group === '' ? '' : `.${kind.group}`}/${name} ${outcome}`;

export const printDiagnostics = (diagnostics: readonly Diagnostic[]): void => {
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
};
