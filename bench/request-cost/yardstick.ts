/**
 * `node yardstick.ts http1|http2 PORT`: the plainest proxy that Node's own `node:http` or `node:http2` give, to the backend on that port. It decides
 * nothing and logs nothing. Prints the port it listens on; ends with its parent's signal.
 */
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo, Server } from 'node:net';

const [, , protocol, port] = process.argv;
const server = protocol === 'http1' ? proxyHttp1(Number(port)) : proxyHttp2(Number(port));
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`));

function proxyHttp1(backend: number): Server {
  const agent = new http.Agent({ keepAlive: true });
  // A connection that waits for its turn is not idle.
  return http.createServer({ keepAliveTimeout: 0 }, ({ method, url, headers }, response) => {
    http
      .request({ port: backend, host: '127.0.0.1', method, path: url, headers, agent }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      })
      .end();
  });
}

function proxyHttp2(backend: number): Server {
  const session = http2.connect(`http://127.0.0.1:${backend}`);
  const asIs = ({ ...headers }: http2.IncomingHttpHeaders): http2.OutgoingHttpHeaders => headers;
  return http2.createServer().on('stream', (stream, headers) => {
    const onward = session.request(asIs(headers));
    let trailers: http2.OutgoingHttpHeaders = {};
    onward.on('response', (answer) => {
      stream.respond(asIs(answer), { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      onward.on('trailers', (last) => (trailers = asIs(last)));
      onward.pipe(stream);
    });
    stream.pipe(onward);
  });
}
