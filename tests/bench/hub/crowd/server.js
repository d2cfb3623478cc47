// Node's ws as the server beside ours: the same handshake in one word, decode, look up, encode. No login, no store.
//   node server.js        prints {"port": N}
import { WebSocketServer } from "ws";

const links = new Map(); // id -> {socket, seq}
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false, backlog: 2048 });

function say(link, envelope) {
  link.seq += 1;
  link.socket.send(JSON.stringify({ ...envelope, v: 1, seq: link.seq, ack: link.taken }));
}

server.on("connection", (socket) => {
  const link = { socket, seq: 0, taken: 0, id: "" };
  socket.on("message", (data) => {
    const said = JSON.parse(data);
    link.taken = Math.max(link.taken, said.seq);
    if (said.type === "hello") {
      link.id = said.body.device;
      links.set(link.id, link);
      say(link, { type: "snapshot", id: said.id, body: {} });
    } else if (said.type === "ping") {
      say(link, { type: "pong", id: said.id, body: { about: said.id } });
    } else {
      const to = links.get(said.call);
      if (to) say(to, said);
    }
  });
  socket.on("close", () => links.get(link.id) === link && links.delete(link.id));
});
server.on("listening", () => console.log(JSON.stringify({ port: server.address().port })));
