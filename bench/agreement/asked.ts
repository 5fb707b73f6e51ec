/**
 * Whom proxies ask about a request, by Extension: what comes of it follows from what the request tells the service (`verdict`, `processing`), from
 * the Extension's `onFailure`, and from whether the asking proxy may call the service at all, which is a question to `explain` of its own.
 */
import { explain, isAnswer, type Setting, type World } from '@weft/compile/answers';
import type { Extension } from '@weft/core/resources';
import type { GeneratedRequest } from './generate/index.ts';
import type { Ask, Limit } from './stages.ts';

const SERVICE = 'shop/opa';
const PORT = 9191;
const CHECK = '/envoy.service.auth.v3.Authorization/Check';
const PROCESS = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';

/** What the service answers in the application's place. */
const PROCESSED = 409;

/** By an Extension that an AccessPolicy names. `asker`: key of the workload whose proxy asks; `settings`: what is said where it asks. */
export const authorization = (
  world: World,
  asker: string,
  { verdict }: GeneratedRequest,
  settings: readonly Setting[],
): Ask => asking(world, asker, settings, { path: CHECK, answer: verdict === 'no' ? 403 : undefined, failure: 403 });

/** Whom `settings` name, in their order: who says whether it may pass, and who processes it. */
export function asksOf(world: World, asker: string, settings: readonly Setting[], asked: GeneratedRequest): Ask[] {
  return settings.flatMap(({ name, source = '' }) => {
    const extension = name === 'asks a service' ? extensionOf(world, source) : undefined;
    if (extension === undefined) return [];
    const { metadata, spec } = extension;
    if (spec.authorization !== undefined) return [authorization(world, asker, asked, settings)];
    const { service, onFailure } = spec.processing ?? {};
    // Where it is missing and that is no failure, nobody is asked.
    if (world.meshOf('service', `${metadata.namespace}/${service?.name}`) === undefined) return [];
    const failure = onFailure === 'Allow' ? undefined : 500;
    const answer = asked.processing === 'answers' ? PROCESSED : asked.processing === 'fails' ? failure : undefined;
    return [asking(world, asker, settings, { path: PROCESS, answer, failure })];
  });
}

/** Who processes answers where `settings` hold, of a request that is refused before anybody is asked. */
export const shownTo = (world: World, asker: string, settings: readonly Setting[], asked: GeneratedRequest): Ask[] =>
  asksOf(world, asker, settings, asked).flatMap((ask) => (ask.processes ? [told(world, asker, ask)] : []));

/** With what `explain` answers the proxy's own call, where it says nothing of it beside the request. */
export const told = (world: World, asker: string, ask: Ask): Ask => ({
  ...ask,
  ...countedAt(world, asker, ask.processes ? PROCESS : CHECK),
});

interface Asking {
  readonly path: string;
  readonly answer: number | undefined;
  readonly failure: number | undefined;
}

/** Whether it gets there, and what counts it there, as `explain` says where it asks. */
function asking(world: World, asker: string, settings: readonly Setting[], { path, answer, failure }: Asking): Ask {
  // What refuses one way of asking may let the other in.
  const refused = settings.some(({ name }) => name === 'asking is refused') && !countedAt(world, asker, path).reaches;
  const said = settings.find(({ name }) => name === 'rate limit of who is asked');
  return {
    kind: 'ask',
    answer,
    failure,
    reaches: !refused,
    limit: said === undefined ? undefined : limitOf(said),
    processes: path === PROCESS,
    optional: false,
  };
}

const limitOf = ({ value }: Setting): Limit | undefined => {
  const [most] = mostOf(value);
  return most === undefined ? undefined : { bucket: 'asked', most };
};

/** `3 in 60s, at most 3 at once`; of one that counts only, none. */
export const mostOf = (value: string): number[] => {
  const most = value.endsWith('(shadow)') ? undefined : /at most (\d+) at once/.exec(value)?.[1];
  return most === undefined ? [] : [Number(most)];
};

const extensionOf = (world: World, source: string): Extension | undefined => {
  const [object = ''] = source.split('#', 1);
  return world.objects.find(
    (one): one is Extension =>
      one.kind === 'Extension' && `Extension/${one.metadata.namespace}/${one.metadata.name}` === object,
  );
};

/** As `explain` answers the proxy's own call, by no route. */
function countedAt(world: World, asker: string, path: string): Pick<Ask, 'reaches' | 'limit'> {
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
  if (!isAnswer(answer) || answer.verdict.kind !== 'allowed') return { reaches: false, limit: undefined };
  const said = answer.arrivals.flatMap(({ settings = [] }) => settings).find(({ name }) => name === 'rate limit');
  return { reaches: true, limit: said === undefined ? undefined : limitOf(said) };
}
