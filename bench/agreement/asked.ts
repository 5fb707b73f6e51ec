/**
 * Whom proxies ask about a request, by Extension: what comes of it follows from what the request tells the service (`verdict`, `processing`), from
 * the Extension's `onFailure`, and from whether the asking proxy may call the service at all, which is a question to `explain` of its own.
 */
import { explain, isAnswer, type Setting, type World } from '@weft/compile/answers';
import type { Extension } from '@weft/core/resources';
import type { GeneratedRequest } from './generate/index.ts';

const SERVICE = 'shop/opa';
const PORT = 9191;
const CHECK = '/envoy.service.auth.v3.Authorization/Check';
const PROCESS = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';

/** What the service answers in the application's place. */
const PROCESSED = 409;

/** The status that refuses it, by an Extension that an AccessPolicy names; undefined: it passes. `asker`: key of the workload whose proxy asks. */
export const authorized = (world: World, asker: string, { verdict }: GeneratedRequest): 403 | undefined =>
  verdict === 'no' || !reaches(world, asker, CHECK) ? 403 : undefined;

/** The first answer that is not the application's, of those whom `settings` name; undefined: it goes on. */
export function askedBy(
  world: World,
  asker: string,
  settings: readonly Setting[],
  asked: GeneratedRequest,
): number | undefined {
  for (const { name, source = '' } of settings) {
    if (name !== 'asks a service') continue;
    const extension = extensionOf(world, source);
    const status = extension === undefined ? undefined : outcome(world, asker, extension, asked);
    if (status !== undefined) return status;
  }
  return undefined;
}

function outcome(world: World, asker: string, extension: Extension, asked: GeneratedRequest): number | undefined {
  const { metadata, spec } = extension;
  if (spec.authorization !== undefined) return authorized(world, asker, asked);
  const { service, onFailure } = spec.processing ?? {};
  // Where it is missing and that is no failure, nobody is asked.
  if (world.meshOf('service', `${metadata.namespace}/${service?.name}`) === undefined) return undefined;
  const failure = onFailure === 'Allow' ? undefined : 500;
  if (!reaches(world, asker, PROCESS)) return failure;
  if (asked.processing === 'answers') return PROCESSED;
  return asked.processing === 'fails' ? failure : undefined;
}

/**
 * Whether Envoy answers 500 in place of what an earlier filter refused: it shows such an answer to whoever processes answers too, who cannot
 * be asked. Our engine answers what was refused.
 */
export const losesRefusals = (world: World, asker: string, settings: readonly Setting[]): boolean =>
  settings.some(({ name, source = '' }) => {
    const processing = name === 'asks a service' ? extensionOf(world, source)?.spec.processing : undefined;
    return processing?.onFailure === 'Deny' && !reaches(world, asker, PROCESS);
  });

const extensionOf = (world: World, source: string): Extension | undefined => {
  const [object = ''] = source.split('#', 1);
  return world.objects.find(
    (one): one is Extension =>
      one.kind === 'Extension' && `Extension/${one.metadata.namespace}/${one.metadata.name}` === object,
  );
};

/** Its proxy calls the workloads of the service, by no route. */
function reaches(world: World, asker: string, path: string): boolean {
  const headers = [
    { name: 'host', value: `opa.shop:${PORT}` },
    { name: 'content-type', value: 'application/grpc' },
  ];
  const answer = explain(world, {
    from: { kind: 'workload', key: asker },
    to: SERVICE,
    port: PORT,
    direct: true,
    request: { method: 'POST', path, headers },
  });
  return isAnswer(answer) && answer.verdict.kind === 'allowed';
}
