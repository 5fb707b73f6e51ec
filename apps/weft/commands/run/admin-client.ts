/** Asks a data plane's admin interface, our engine's or Envoy's. */
import http from 'node:http';
import type { DataPlaneOptions } from './data-plane.ts';

type Admin = DataPlaneOptions['admin'];

const target = (admin: Admin): http.RequestOptions =>
  'path' in admin ? { socketPath: admin.path } : { host: '127.0.0.1', port: admin.port };

/** The body of a 200; undefined for every other answer, and when none comes within 2 s. */
export function request(admin: Admin, method: 'GET' | 'POST', path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const sent = http.request({ ...target(admin), method, path, agent: false, timeout: 2000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response
        .on('end', () => resolve(response.statusCode === 200 ? text : undefined))
        .on('error', () => resolve(undefined));
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(undefined));
    sent.end();
  });
}

interface ListenerStatus {
  readonly local_address?: { readonly socket_address?: { readonly port_value?: number } };
}

/** Ports that listeners have; undefined when the data plane does not answer. Source: envoy.admin.v3.Listeners. */
export async function listeningPorts(admin: Admin): Promise<ReadonlySet<number> | undefined> {
  const text = await request(admin, 'GET', '/listeners?format=json');
  if (text === undefined) return undefined;
  const { listener_statuses: listeners = [] } = JSON.parse(text) as { listener_statuses?: readonly ListenerStatus[] };
  return new Set(listeners.flatMap(({ local_address: address }) => address?.socket_address?.port_value ?? []));
}
