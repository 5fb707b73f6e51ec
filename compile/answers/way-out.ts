/** What the Gateway that a host outside is reached by says to a caller (ExternalService `egressGateway`). */
import { serviceServerName } from '@weft/core/identity';
import { ONLY, parsePortKey, type ServiceRow } from '@weft/core/mesh-view';
import type { Listener } from '@weft/core/proxy-config';
import { gatewayListenerName } from '../names.ts';
import { arrive, type Word } from './arrival.ts';
import { changed } from './changes.ts';
import type { Changes, Setting } from './explanation.ts';
import { connectionOf, type Question } from './question.ts';
import type { World } from './world.ts';

export interface Leaving {
  /** Port key. */
  readonly port: string;
  /** Of the caller. */
  readonly identity: string | undefined;
  readonly address: Parameters<typeof connectionOf>[0]['address'];
  /** As it goes on, without query; undefined: as it was asked. */
  readonly path: string | undefined;
  readonly changes?: Changes | undefined;
}

/** undefined: it is not reached by a Gateway. */
export function wordAtWayOut(
  world: World,
  mesh: string,
  { request, to }: Question,
  { port: key, identity, address, path, changes }: Leaving,
): Word | undefined {
  const view = world.view(mesh);
  const { service, port } = parsePortKey(key);
  const row = view.service.get(service);
  const through = row?.external?.through;
  if (row === undefined || through === undefined) return undefined;
  const source = `${row.source}#spec.egressGateway`;
  const closed = (reason: string): Word => ({ allowed: false, by: 'nobody', reason, source });
  if (through.gateway === '') return closed('no Gateway lets it through');
  const served = world.gatewayConfig(mesh, through.gateway);
  const name = gatewayListenerName('tcp', through.port);
  const listener = served?.config.listeners.get(name);
  if (served === undefined || listener === undefined) return closed(`nobody serves Gateway ${through.gateway}`);
  const asked = serviceServerName(service, port, view.mesh.get(ONLY)?.trustDomain ?? '');
  const own: Listener = {
    ...listener,
    filterChains: listener.filterChains.filter(({ match }) => match.serverNames.includes(asked)),
  };
  const mark = request.path.indexOf('?');
  const query = mark < 0 ? '' : request.path.slice(mark);
  const { asked: _, ...word } = arrive(
    { ...served.config, listeners: new Map([[name, own]]) },
    through.port,
    connectionOf({ identity, address, through: undefined, port: through.port, serverName: asked }),
    to.split('/').toReversed().join('.'),
    { ...changed(request, changes), path: path === undefined ? request.path : `${path}${query}` },
    name,
  );
  return word.allowed
    ? { ...word, by: 'no-proxy', reason: `it leaves the mesh by Gateway ${through.gateway}`, source }
    : { ...word, reason: `Gateway ${through.gateway}: ${word.reason}` };
}

export const wayOutSettings = (row: ServiceRow | undefined): Setting[] =>
  row?.external?.through === undefined
    ? []
    : [
        {
          name: 'egress gateway',
          value: row.external.through.gateway === '' ? 'none lets it through' : row.external.through.gateway,
          source: `${row.source}#spec.egressGateway`,
        },
      ];
