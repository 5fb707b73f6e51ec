/** Applies objects read from files to a control plane: what others need first, each with the text it came from. */
import { type ApiClient, type ClientError, type Json, type JsonObject, type Name } from '@weft/control/api/client';
import { type Diagnostic, formatDiagnostic, hasErrors } from '@weft/core/kernel';
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
  /** Invariants were asked of the change as a whole: single objects are not held up. */
  readonly breakInvariants?: boolean;
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

/**
 * Objects with errors of their own must have been sorted out by the caller. All are tried without effect first: when the control plane
 * refuses one, nothing is applied.
 */
export async function applyObjects(
  client: ApiClient,
  objects: readonly ParsedObject[],
  options: ApplyOptions = {},
): Promise<ApplyResult> {
  const sorted = [...objects].sort((a, b) => rank(a) - rank(b));
  const tried = await write(client, sorted, options, true);
  if (options.dryRun === true || hasErrors(tried.diagnostics))
    return { ...tried, applied: options.dryRun === true ? tried.applied : [] };
  return write(client, sorted, options, false);
}

async function write(
  client: ApiClient,
  objects: readonly ParsedObject[],
  options: ApplyOptions,
  dryRun: boolean,
): Promise<ApplyResult> {
  const applied: AppliedObject[] = [];
  const diagnostics: Diagnostic[] = [];
  const namespaces = new Set(
    objects.flatMap(({ object }) => (object?.kind === 'Namespace' ? [object.metadata.name] : [])),
  );
  for (const parsed of objects) {
    const { object, origin } = parsed;
    const kind = object === undefined ? undefined : kindOfObject(object);
    if (object === undefined || kind === undefined) continue;
    const answer = await client.apply(nameOf(object, kind), wished(parsed, object, options), {
      dryRun,
      origin: dryRun ? undefined : origin,
      breakInvariants: options.breakInvariants,
    });
    const { namespace, name } = object.metadata;
    if (answer.ok) {
      applied.push({ kind, namespace, name, outcome: answer.value.outcome });
      const place = { file: origin.file, object: objectName(object.kind, namespace, name) };
      for (const message of answer.value.warnings)
        diagnostics.push({ severity: 'warning', code: 'warning', message, place });
    } else if (dryRun && lacksNamespace(answer.error, kind) && namespaces.has(namespace)) {
      // The namespace is among the objects, so it will be there.
      applied.push({ kind, namespace, name, outcome: 'created' });
    } else diagnostics.push(...refusals(parsed, object, kind, answer.error));
  }
  return { applied, diagnostics };
}

const lacksNamespace = (error: ClientError, kind: AnyKind): boolean =>
  kind.kind !== 'Namespace' &&
  error.code === 'refused' &&
  error.status.code === 404 &&
  error.status.details?.kind === 'namespaces';

/** One finding a cause, at its place in the file. */
function refusals({ origin }: ParsedObject, object: StoredObject, kind: AnyKind, error: ClientError): Diagnostic[] {
  const { namespace, name } = object.metadata;
  const finding = (code: string, field: string, message: string, remedy?: string): Diagnostic => {
    const place = { file: origin.file, object: objectName(object.kind, namespace, name), ...locate(origin, field) };
    return { severity: 'error', code, message, place: field === '' ? place : { ...place, path: field }, remedy };
  };
  if (lacksNamespace(error, kind))
    return [
      finding(
        'namespace-unknown',
        'metadata.namespace',
        `there is no namespace ${namespace}`,
        'create it first, or put an object of kind Namespace beside this one',
      ),
    ];
  const causes = error.code === 'refused' ? (error.status.details?.causes ?? []) : [];
  if (causes.length === 0) return [finding(error.code, '', error.message)];
  return causes.map(({ field, message }) => finding('refused', field, message));
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
