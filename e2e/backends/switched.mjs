// A backend whose port opens (on HOST, default 127.0.0.1) and closes on order: GET /open, /close and /state on the port CONTROL.
import http from 'node:http';

const { PORT, CONTROL, NAME, HOST = '127.0.0.1' } = process.env;
let server;

const close = () => {
  server?.close();
  server?.closeAllConnections();
  server = undefined;
};

const open = (opened) => {
  close();
  server = http.createServer((_, response) => response.end(JSON.stringify({ name: NAME })));
  server.listen(Number(PORT), HOST, opened);
};

http
  .createServer((request, response) => {
    const answer = () => response.end(server === undefined ? 'closed' : 'open');
    if (request.url === '/open') open(answer);
    else {
      if (request.url === '/close') close();
      answer();
    }
  })
  .listen(Number(CONTROL), '127.0.0.1');
