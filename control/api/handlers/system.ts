/** What is not about objects: health, version, discovery, OpenAPI. */
import { apiVersionOf, groupVersions, kindsOf } from '@weft/core/resources';
import { noSuchPath } from '../status.ts';
import { answer, type Call, type Outcome, refuse } from './call.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

export const health = (): Outcome => ({ code: 200, body: 'ok', type: 'text/plain' });

export const readiness = ({ context }: Call): Outcome =>
  context.ready() ? health() : { code: 503, body: 'not ready', type: 'text/plain' };

/** version.Info; kubectl compares `major` and `minor` with its own and warns when they are far apart, so they name what we are like. */
export const version = ({ context }: Call): Outcome =>
  answer({
    major: '1',
    minor: '32',
    gitVersion: `v1.32.0+weft-${context.version}`,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: 'node',
    platform: `${process.platform}/${process.arch}`,
  });

export const coreVersions = (): Outcome =>
  answer({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });

/** meta.v1.APIGroup without its envelope; undefined when nothing is served in it. */
function groupOf(name: string) {
  const versions = groupVersions()
    .filter(({ group }) => group === name)
    .map(({ version: word }) => ({ groupVersion: apiVersionOf(name, word), version: word }));
  return versions.length === 0 ? undefined : { name, versions, preferredVersion: versions[0] };
}

export function groups(): Outcome {
  const names = new Set(groupVersions().map((entry) => entry.group));
  names.delete('');
  return answer({ kind: 'APIGroupList', apiVersion: 'v1', groups: [...names].map(groupOf) });
}

export function group({ params, path }: Call): Outcome {
  const found = groupOf(params['group'] ?? '');
  return found === undefined ? refuse(noSuchPath(path)) : answer({ kind: 'APIGroup', apiVersion: 'v1', ...found });
}

/** meta.v1.APIResourceList */
export function resourceList({ params, path }: Call): Outcome {
  const { group: name = '', version: served = '' } = params;
  const kinds = kindsOf(name, served);
  if (kinds.length === 0) return refuse(noSuchPath(path));
  const resources = kinds.flatMap((kind) => {
    const namespaced = kind.scope === 'Namespaced';
    const { plural, singular, shortNames, categories } = kind;
    const base = { singularName: singular, namespaced, kind: kind.kind };
    return [
      { name: plural, ...base, verbs: VERBS, shortNames, categories },
      { name: `${plural}/status`, ...base, singularName: '', verbs: ['get', 'patch', 'update'] },
    ];
  });
  const events = { name: 'events', singularName: 'event', namespaced: true, kind: 'Event', verbs: ['list'] };
  return answer({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(name, served),
    resources: name === '' ? [...resources, events] : resources,
  });
}

/** `kubectl describe` asks for events; there are none: conditions in status say what happened. */
export const events = ({ context }: Call): Outcome =>
  answer({
    kind: 'EventList',
    apiVersion: 'v1',
    metadata: { resourceVersion: String(context.resources.store.revision()) },
    items: [],
  });
