/** Which mode of mutual TLS holds, who says it, and what that makes of an endpoint. */
import {
  type EndpointRow,
  type MeshView,
  type MtlsRow,
  ONLY,
  parsePortKey,
  workloadPortKey,
} from '@weft/core/mesh-view';
import { transportTo } from '../behaviours/mtls/index.ts';

const NONE: MtlsRow = { mode: 'disabled', source: '' };

/** What the mesh itself says. */
const ofMesh = (view: MeshView): MtlsRow => {
  const mesh = view.mesh.get(ONLY);
  return mesh === undefined ? NONE : { mode: mesh.mtls, source: `${mesh.source}#spec.mtls.mode` };
};

/** At a port of a workload of the view's mesh. */
export const modeAt = (view: MeshView, workload: string, port: number): MtlsRow =>
  view.arrivalMtls.get(workloadPortKey(workload, port)) ?? ofMesh(view);

/** What callers know of a service port, by its key. */
export function modeOf(view: MeshView, port: string): MtlsRow {
  const home = view.service.get(parsePortKey(port).service)?.home;
  return (
    view.portMtls.get(port) ??
    (home === undefined ? ofMesh(view) : { mode: home.mtls, source: `Mesh/${home.mesh}#spec.mtls.mode` })
  );
}

/** Endpoints of a service port that are sent plaintext. */
export const sentPlaintext = (view: MeshView, port: string): readonly EndpointRow[] =>
  view.backendTls.has(port)
    ? []
    : (view.endpoints.get(port) ?? []).filter((endpoint) => transportTo(endpoint, false) === 'plaintext');
