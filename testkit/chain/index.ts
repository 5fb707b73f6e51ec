/** A chain of services in a mesh, web -> middle -> back, for what is told along a way of several hops; the one in the middle has the other engine where it is installed. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestMesh } from '../mesh/index.ts';
import { freePort } from '../ports/index.ts';
import { tool } from '../tools/index.ts';

/** Engine of the service in the middle. */
export const MIDDLE = tool('envoy') === undefined ? 'weft' : 'envoy';

/** What an application passes on of the trace that it is part of. */
const PASSED_ON = [
  'traceparent',
  'tracestate',
  'x-request-id',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
];

export class ServiceChain implements Disposable {
  readonly #servers: http.Server[] = [];

  /** Starts all three in a mesh that is up; resolves to the port of loopback at which the chain is called, when it answers. */
  async start(mesh: TestMesh): Promise<number> {
    const onward = await freePort();
    const back = await this.#listen(undefined);
    const middle = await this.#listen(onward);
    mesh.run('--name', 'back', '--port', `${back}/http`);
    mesh.run('--name', 'middle', '--port', `${middle}/http`, '--engine', MIDDLE, '--upstream', `back=${onward}`);
    const entry = await freePort();
    await mesh.synced(2);
    mesh.run('--name', 'web', '--upstream', `middle=${entry}`);
    await mesh.synced(3);
    await mesh.answering(entry);
    return entry;
  }

  [Symbol.dispose](): void {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }

  async #listen(onward: number | undefined): Promise<number> {
    const server = http.createServer(
      onward === undefined ? answer : (request, response) => pass(request, response, onward),
    );
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }
}

/** With the status that the query asks for, and the header that arrived. */
function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  response.statusCode = Number(new URL(request.url ?? '', 'http://x').searchParams.get('status') ?? 200);
  response.end(JSON.stringify(request.headers));
}

function pass(request: http.IncomingMessage, response: http.ServerResponse, onward: number): void {
  const headers: http.OutgoingHttpHeaders = {};
  for (const name of PASSED_ON) if (request.headers[name] !== undefined) headers[name] = request.headers[name];
  http
    .get({ port: onward, path: request.url, headers, agent: false }, (answered) => {
      response.statusCode = answered.statusCode ?? 502;
      answered.pipe(response);
    })
    .on('error', () => response.destroy());
}
