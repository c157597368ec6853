/*! playhouse-client 0.1.0, Apache-2.0 */
const nodeRequire = typeof require === "function" ? require : undefined;
const nodeModule = undefined;
"use strict";
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target2, all) => {
  for (var name in all)
    __defProp(target2, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// src/entry/package.ts
var package_exports = {};
__export(package_exports, {
  ActionheroClient: () => ActionheroWebsocketClient,
  ActionheroWebsocketClient: () => ActionheroWebsocketClient,
  Primus: () => Primus,
  default: () => ActionheroWebsocketClient
});
module.exports = __toCommonJS(package_exports);

// src/compiled.ts
var slot = { value: "%%COMPILED%%" };
var compiled = typeof slot.value === "object" && slot.value ? slot.value : {};
function defaultUrl() {
  try {
    const url = compiled.url && compiled.url();
    if (url && url !== "null") return String(url);
  } catch (error) {
  }
  if (typeof location !== "undefined" && location.host) return location.protocol + "//" + location.host;
  return "http://127.0.0.1";
}

// src/guarded.ts
function guarded(act) {
  try {
    act();
  } catch (error) {
    setTimeout(() => {
      throw error;
    }, 0);
  }
}

// src/emitter.ts
var Emitter = class {
  on(name, listener, context) {
    return this.listen(name, { listener, once: false, context });
  }
  once(name, listener, context) {
    return this.listen(name, { listener, once: true, context });
  }
  addListener(name, listener, context) {
    return this.on(name, listener, context);
  }
  /** Takes one listener away, or all of that event if none is named. */
  off(name, listener) {
    remove(this, name, (entry) => !listener || entry.listener === listener);
    return this;
  }
  removeListener(name, listener) {
    return this.off(name, listener);
  }
  removeAllListeners(name) {
    if (name === void 0) tableOf(this).clear();
    else tableOf(this).delete(name);
    return this;
  }
  emit(name, ...args) {
    const entries = tableOf(this).get(name);
    if (!entries) return false;
    for (const entry of entries) {
      if (entry.over) continue;
      if (entry.once) {
        entry.over = true;
        remove(this, name, (other) => other === entry);
      }
      guarded(() => entry.listener.apply(entry.context === void 0 ? this : entry.context, args));
    }
    return true;
  }
  listeners(name) {
    return (tableOf(this).get(name) || []).map((entry) => entry.listener);
  }
  listenerCount(name) {
    return this.listeners(name).length;
  }
  eventNames() {
    return Array.from(tableOf(this).keys());
  }
  listen(name, entry) {
    const table = tableOf(this);
    table.set(name, (table.get(name) || []).concat(entry));
    return this;
  }
};
function remove(emitter, name, goes) {
  const table = tableOf(emitter);
  const left = (table.get(name) || []).filter((entry) => !goes(entry));
  if (left.length > 0) table.set(name, left);
  else table.delete(name);
}
function tableOf(emitter) {
  const own = emitter;
  if (!Object.prototype.hasOwnProperty.call(emitter, "_events")) {
    Object.defineProperty(own, "_events", { value: /* @__PURE__ */ new Map(), writable: true });
  }
  return own._events;
}
var EventEmitter = function EventEmitter2() {
};
Object.defineProperty(EventEmitter, "prototype", { value: Emitter.prototype });

// src/link/timers.ts
var LATE = 5e3;
var LONGEST = 2147483647;
var Timers = class {
  constructor(clock) {
    this.clock = clock;
    this.running = /* @__PURE__ */ new Map();
  }
  /**
   * Calls `ring` after that time, in the place of what was set under this name. One that fires much too late
   * calls `late` if there is one, and else begins anew, once: what it waited for had no chance to happen. Not
   * again and again, since in a hidden page every timer may be late by a minute.
   */
  set(name, ms, ring, late = () => this.set(name, ms, ring, ring)) {
    this.clear(name);
    if (!(ms <= LONGEST)) return;
    const due = this.clock.now() + ms;
    this.running.set(name, this.clock.after(ms, () => {
      this.running.delete(name);
      if (this.clock.now() - due <= LATE) ring();
      else late();
    }));
  }
  active(name) {
    return this.running.has(name);
  }
  clear(name) {
    this.clock.cancel(this.running.get(name));
    this.running.delete(name);
  }
  clearAll() {
    for (const name of Array.from(this.running.keys())) this.clear(name);
  }
};

// src/link/back-off.ts
var BackOff = class {
  constructor(options, random) {
    this.options = options;
    this.random = random;
    /** Attempts since a link was open. */
    this.attempt = 0;
    this.step = 0;
  }
  /** How long to wait now; `null` if it is time to give up. */
  next() {
    const { factor, retries } = this.options;
    if (this.attempt >= retries) return null;
    this.attempt++;
    const min = Math.min(this.options.min, LONGEST);
    const max = Math.min(this.options.max, LONGEST);
    const base = min * Math.min(Math.pow(factor, this.step++), LONGEST);
    const low = Math.max(min, Math.min(base, max / 2));
    const high = Math.max(low, Math.min(2 * base, max));
    return Math.round(low + this.random() * (high - low));
  }
  /** A link is open. */
  opened() {
    this.attempt = 0;
  }
  /** It stayed open. */
  steady() {
    this.step = 0;
  }
  /** Everything is different now: the network is back, or a person asked. */
  reset() {
    this.opened();
    this.steady();
  }
};

// src/link/control.ts
var PREFIX = "primus::";
function control(message) {
  if (typeof message !== "string" || message.indexOf(PREFIX) !== 0) return null;
  const end = message.indexOf("::", PREFIX.length);
  const kind = message.slice(PREFIX.length, end);
  const value = message.slice(end + 2);
  if (kind === "ping" || kind === "id") return { kind, value };
  return kind === "server" && value === "close" ? { kind: "close" } : null;
}
var ASK_ID = PREFIX + "id::";
function pong(value) {
  return PREFIX + "pong::" + value;
}

// src/link/pulse.ts
var QUIET = 5e3;
var PATIENCE = 1e4;
var Pulse = class {
  constructor(timers, clock, pingTimeout2, acts) {
    this.timers = timers;
    this.clock = clock;
    this.pingTimeout = pingTimeout2;
    this.acts = acts;
    this.last = 0;
  }
  /** A link is open. */
  start() {
    this.last = 0;
    this.beat();
    this.timers.set("quiet", QUIET, () => {
      if (!this.last) this.suspect();
    });
  }
  /** Whether anything at all came on this link. */
  get alive() {
    return this.last > 0;
  }
  /** The server's ping came; the next one is due in time. */
  beat() {
    if (!this.pingTimeout) return;
    this.timers.set("pulse", this.pingTimeout, this.acts.dead, () => this.suspect());
  }
  /** Anything came. */
  heard() {
    this.last = this.clock.now();
    if (!this.timers.active("probe")) return;
    this.timers.clear("probe");
    this.beat();
  }
  /** The page was asleep, perhaps for long. */
  check() {
    if (Math.abs(this.clock.now() - this.last) > QUIET) this.suspect();
  }
  suspect() {
    if (this.timers.active("probe")) return;
    this.timers.set("probe", PATIENCE, this.acts.dead);
    this.acts.ask();
  }
};

// src/link/queue.ts
var Queue = class {
  constructor(limit) {
    this.limit = limit;
    this.items = [];
  }
  /** Adds one and returns those that had to go: the oldest, or the new one where nothing may wait. */
  push(item) {
    this.items.push(item);
    return this.items.splice(0, Math.max(0, this.items.length - this.limit));
  }
  /** Adds one without a look at the limit. */
  append(item) {
    this.items.push(item);
  }
  /** Takes the oldest one that waits. */
  shift() {
    return this.items.shift();
  }
  get length() {
    return this.items.length;
  }
};

// src/link/rooms.ts
var OWN = "playhouse:";
var counted = 0;
var RoomWatch = class {
  constructor(onRefused) {
    this.onRefused = onRefused;
    /** Each room with the frame that joined it: there may be more in it than the room's name. */
    this.joined = /* @__PURE__ */ new Map();
    this.asked = /* @__PURE__ */ new Map();
    this.refused = /* @__PURE__ */ new Set();
    this.awaited = /* @__PURE__ */ new Set();
    this.frames = 0;
    this.uncounted = 0;
  }
  /**
   * A new link is open: the frames that bring it to where the old one was. Joining and leaving that were not
   * answered are asked again, in their order and under their own ids, since to ask twice does no harm.
   */
  opened() {
    const joins = Array.from(this.joined.values(), (frame) => [Object.assign({}, frame, { messageId: OWN + ++counted }), "join"]);
    const again = Array.from(this.asked.values()).filter(isOpenChange).map(({ frame }) => [frame, "again"]);
    this.ended();
    return joins.concat(again);
  }
  /** The connection ended for good: nobody waits for replies any more. */
  ended() {
    this.asked.clear();
    this.refused.clear();
    this.awaited.clear();
    this.frames = this.uncounted = 0;
  }
  /** Whether all awaited replies are here. */
  get settled() {
    return this.awaited.size === 0;
  }
  /** A frame is about to be written on the open link. */
  sent(message, kind = "message") {
    const ordinal = ++this.frames;
    const awaited = kind === "join" || kind === "again" || kind === "greeting";
    if (kind !== "message" && kind !== "greeting") this.uncounted++;
    if (!isObject(message)) return;
    const event = String(message.event);
    const key = keyOf(message.messageId, ordinal);
    const before = this.asked.get(key);
    if (before) before.shared = true;
    if (!awaited && !changes(event) && event !== "detailsView") return;
    this.asked.set(key, { event, room: roomOf(message), frame: message, kind, shared: false });
    if (awaited) this.awaited.add(key);
  }
  /** A message came. Returns whether it is for the application. */
  heard(message) {
    if (!isObject(message)) return true;
    const reply = message;
    if (reply.context !== "response") return true;
    const key = this.keyOfReply(reply);
    const asked2 = this.asked.get(key);
    if (typeof reply.messageCount === "number") reply.messageCount -= this.uncounted;
    if (!asked2 || !answers(asked2, reply)) return true;
    this.asked.delete(key);
    this.awaited.delete(key);
    this.learn(asked2, reply);
    return asked2.kind !== "join";
  }
  keyOfReply(reply) {
    const key = keyOf(reply.messageId, NaN);
    return this.asked.has(key) ? key : keyOf(void 0, reply.messageCount);
  }
  learn({ event, room, frame, kind }, reply) {
    const ok = reply.status === "OK";
    if (event === "detailsView") {
      if (ok && isObject(reply.data) && Array.isArray(reply.data.rooms)) this.replace(reply.data.rooms);
    } else if (event === "roomAdd") {
      if (ok || isInside(reply)) this.entered(room, frame);
      else if (kind === "join") this.missed(room, reply);
    } else if (event === "roomLeave" && (ok || isOutside(reply))) {
      this.joined.delete(room);
      this.refused.delete(room);
    }
  }
  entered(room, frame) {
    this.joined.set(room, frame);
    this.refused.delete(room);
  }
  missed(room, response) {
    this.refused.add(room);
    this.onRefused({ room, response });
  }
  /** The server's own list counts: its code may have let somebody into a room, or put them out. */
  replace(rooms) {
    const before = new Map(this.joined);
    this.joined.clear();
    for (const name of rooms.map(String).concat(Array.from(this.refused))) {
      this.joined.set(name, before.get(name) || { event: "roomAdd", room: name });
    }
  }
};
function changes(event) {
  return event === "roomAdd" || event === "roomLeave";
}
function isOpenChange({ event, kind }) {
  return changes(event) && kind !== "join" && kind !== "greeting";
}
function answers({ shared }, { status, error }) {
  return status !== void 0 || error !== void 0 && !shared;
}
function isObject(value) {
  return typeof value === "object" && value !== null;
}
function isInside({ code, error }) {
  return code === "already_in_room" || /^Error: connection already in this room/.test(error);
}
function isOutside({ code, error }) {
  return code === "not_in_room" || /^Error: connection not in this room/.test(error);
}
function keyOf(messageId, ordinal) {
  return messageId ? JSON.stringify(messageId) : "#" + ordinal;
}
function roomOf(frame) {
  if (frame.room) return String(frame.room);
  const name = Object.keys(frame).filter((key) => key !== "event" && key !== "messageId" && key !== "room")[0];
  return name === void 0 ? "" : String(frame[name]);
}

// src/link/socket.ts
var SOCKET_OPEN = 1;
var NONE = "There is no WebSocket here. In a version of node without one, add the package `ws` to the application.";
function openSocket(url, transport) {
  const wanted = Object.keys(transport).length > 0;
  const Ws = wanted || typeof WebSocket === "undefined" ? packageWs() : void 0;
  if (Ws) return new Ws(url, transport);
  if (typeof WebSocket === "undefined") throw new Error(NONE);
  return new WebSocket(url);
}
function packageWs() {
  if (!nodeRequire) return void 0;
  try {
    const found = nodeRequire("ws");
    return typeof found === "function" ? found : found.WebSocket;
  } catch (error) {
    return void 0;
  }
}
function abandon(socket, politely = false) {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.onerror = () => {
  };
  if (socket.terminate && !politely) socket.terminate();
  else socket.close();
}

// src/link/ways.ts
var DOUBT = 2;
function ways(websockets, polls, { last, misses, mute }) {
  if (!websockets || last === "polling" && !misses) return ["polling"];
  if (polls && mute >= DOUBT) return ["polling", "websocket"];
  if (!polls || last === "websocket" && misses < DOUBT) return ["websocket"];
  return ["websocket", "polling"];
}

// src/link/wire.ts
var Wire = class {
  constructor(shell, rooms, acts) {
    this.shell = shell;
    this.rooms = rooms;
    this.acts = acts;
    this.socket = null;
  }
  transmit(data, kind = "message") {
    const counts = !control(data);
    this.encoded(data, (text) => {
      if (counts) this.rooms.sent(data, kind);
      this.shell.tell("outgoing::data", text);
      this.send(text);
      if (kind !== "join") this.shell.tell("sent", data);
    });
  }
  /** A control string: for the other end of the link, no message. */
  signal(text) {
    this.encoded(text, (packet) => this.send(packet));
  }
  received(raw) {
    if (typeof raw !== "string") return;
    this.shell.tell("incoming::data", raw);
    this.shell.decode(raw, (error, message) => {
      if (error) this.shell.tell("error", error);
      else if (message !== null && message !== void 0) this.take(message, raw);
    });
  }
  take(message, raw) {
    const said = control(message);
    if (said) return this.obey(said);
    if (this.rooms.heard(message)) this.shell.deliver(message, raw);
    this.acts.taken();
  }
  obey(said) {
    switch (said.kind) {
      case "ping":
        this.shell.tell("incoming::ping", Number(said.value));
        this.acts.ping();
        this.shell.tell("outgoing::pong", Number(said.value));
        return this.signal(pong(said.value));
      case "id":
        return this.shell.tell("incoming::id", said.value);
      case "close":
        return this.acts.close();
    }
  }
  encoded(data, done) {
    this.shell.encode(data, (error, text) => {
      if (error) this.unsaid(data, String(error.message || error));
      else if (typeof text === "string") done(text.replace(/\u2028/g, "\\u2028").replace(/\u2029/g, "\\u2029"));
      else this.unsaid(data, "a value of the type " + typeof data);
    });
  }
  unsaid(data, why) {
    const error = Object.assign(new Error("The message cannot be sent: " + why), { code: "not_encodable", data });
    this.shell.tell("outgoing::dropped", data, error);
    this.shell.tell("error", error);
  }
  send(text) {
    if (this.socket) this.socket.send(text);
  }
};

// src/link/link.ts
var STATES = {
  closed: "end",
  due: "end",
  waiting: "end",
  dialing: "opening",
  settling: "open",
  open: "open"
};
var STEADY = 10;
var SETTLE = 1e4;
var Link = class {
  constructor(options, above, world2) {
    this.options = options;
    this.world = world2;
    this.phase = "closed";
    /** Whether the other end, or the network, is believed to be there. */
    this.online = true;
    /** Whether it is on its way back. */
    this.recovering = false;
    /** What is known of the ways to the server. A link that follows another one may take it over. */
    this.past = { misses: 0, mute: 0 };
    /** How many of those that wait were written before this attempt began. */
    this.early = 0;
    /** How many frames of the greeting are not ready yet. */
    this.unready = 0;
    this.networkDown = false;
    this.left = [];
    this.unwatch = null;
    this.later = () => {
      const { socket } = this;
      this.unready++;
      return (frames) => {
        if (this.socket !== socket) return;
        this.unready--;
        for (const frame of frames) this.wire.transmit(frame, "greeting");
        this.settle();
      };
    };
    const shell = this.shell = Object.assign({}, above, {
      tell: (name, ...args) => guarded(() => above.tell(name, ...args)),
      deliver: (message, raw) => guarded(() => above.deliver(message, raw))
    });
    this.queue = new Queue(options.queueSize);
    this.backOff = new BackOff(options.reconnect, world2.random);
    this.timers = new Timers(world2.clock);
    this.pulse = new Pulse(this.timers, world2.clock, options.pingTimeout, {
      ask: () => this.wire.signal(ASK_ID),
      dead: () => this.silent()
    });
    this.rooms = new RoomWatch((refused) => shell.tell("refused", refused));
    this.wire = new Wire(shell, this.rooms, {
      ping: () => this.pinged(),
      // Nothing follows, and coming back is not wanted.
      close: () => this.end(void 0, "server"),
      taken: () => this.settle()
    });
  }
  get socket() {
    return this.wire.socket;
  }
  // ---- what those above ask for
  /** Opens it in the next turn, so that listeners can be set. */
  openSoon() {
    this.phase = "due";
    this.timers.set("open", 0, () => this.open());
  }
  open() {
    if (this.live || this.phase === "dialing") return;
    this.timers.clearAll();
    if (!this.recovering) this.backOff.reset();
    if (!this.unwatch && this.options.network) {
      this.unwatch = this.world.watch({
        offline: () => this.wentOffline(),
        online: () => this.cameOnline(),
        wake: () => this.woke()
      });
    }
    this.dial();
  }
  /** Writes now if that is possible, and else when it is. */
  write(data) {
    if (this.writable) {
      this.wire.transmit(data);
      return true;
    }
    if (this.phase === "settling") this.queue.append(data);
    else for (const dropped of this.queue.push(data)) this.drops(dropped);
    return false;
  }
  /** Closes it for good, after a last message if there is one. */
  end(data, why = "ended") {
    const before = this.phase;
    if (before === "closed") return;
    if (data !== void 0) this.write(data);
    if (this.live) this.flush();
    const socket = this.socket;
    this.wire.socket = null;
    this.stop();
    if (socket) abandon(socket, STATES[before] === "open");
    this.enter("closed");
    if (before !== "waiting") {
      this.shell.tell("outgoing::end");
      this.shell.tell("close", { why });
    }
    this.shell.tell("end", { why });
  }
  drops(data) {
    this.early = Math.max(0, this.early - 1);
    this.shell.tell("dropped", data);
  }
  get live() {
    return this.phase === "settling" || this.phase === "open";
  }
  /** What it is connected by, while it is. */
  get transport() {
    return this.live ? this.used : void 0;
  }
  // ---- opening
  dial() {
    this.left = ways(this.options.websockets, this.world.polls(), this.past);
    this.enter("dialing");
    this.shell.tell("outgoing::open");
    this.another();
  }
  /** Goes on with this attempt by the next transport; false if there is none. */
  another() {
    const used = this.phase === "dialing" && this.left.shift();
    if (!used) return false;
    this.drop();
    this.used = used;
    const { timeout, reconnect, transport } = this.options;
    const patience = this.left.length && timeout || Infinity;
    const limit = this.recovering ? Math.min(reconnect.timeout || Infinity, patience) : timeout;
    if (limit) this.timers.set("connect", limit, () => this.dialTimedOut());
    try {
      this.listen(this.world.open(used, this.shell.url(), transport));
    } catch (error) {
      if (this.another()) return true;
      this.shell.tell("error", error);
      this.end(void 0, "failed");
    }
    return true;
  }
  listen(socket) {
    this.wire.socket = socket;
    const current = (act) => (event) => {
      if (this.socket === socket) act(event);
    };
    socket.onopen = current(() => this.opened(socket));
    socket.onmessage = current(({ data }) => {
      if (!this.pulse.alive) this.past = { last: this.used, misses: 0, mute: 0 };
      this.pulse.heard();
      this.wire.received(data);
    });
    socket.onerror = current((event) => this.failed(errorOf(event)));
    socket.onclose = current((event) => this.closed(event));
  }
  opened(socket) {
    const { timers, backOff, shell } = this;
    const progress = this.progress();
    timers.clear("connect");
    timers.set("steady", STEADY * this.options.reconnect.min, () => backOff.steady());
    backOff.opened();
    const again = this.recovering;
    this.recovering = false;
    this.enter("settling");
    shell.tell("incoming::open");
    if (again) shell.tell("reconnected", progress);
    this.nowOnline();
    if (this.socket !== socket) return;
    this.pulse.start();
    this.greet();
    if (this.socket === socket) shell.tell("open");
  }
  /** Rooms first, then what those above want to know, and when that is answered what has been waiting. */
  greet() {
    for (const [frame, kind] of this.rooms.opened()) this.wire.transmit(frame, kind);
    this.unready = 0;
    for (const frame of this.shell.greeting(this.later)) this.wire.transmit(frame, "greeting");
    this.timers.set("settle", SETTLE, () => {
      if (!this.pulse.alive) return this.silent();
      this.pulse.check();
      this.settle(true);
    });
    this.settle();
  }
  settle(anyway = false) {
    if (this.phase !== "settling" || !(anyway || this.rooms.settled && !this.unready)) return;
    this.timers.clear("settle");
    this.enter("open");
    this.flush();
    this.shell.tell("outgoing::settled");
  }
  flush() {
    while (this.queue.length > 0 && this.socket && this.socket.readyState === SOCKET_OPEN) {
      this.wire.transmit(this.queue.shift(), this.early > 0 ? "early" : "message");
      this.early = Math.max(0, this.early - 1);
    }
  }
  pinged() {
    this.nowOnline();
    this.pulse.beat();
  }
  dialTimedOut() {
    if (this.another()) return;
    if (this.recovering) {
      this.shell.tell("reconnect timeout", new Error("Failed to reconnect in time"), this.progress());
    } else {
      this.shell.tell("timeout");
    }
    if (this.phase === "dialing") this.missed();
  }
  failed(error) {
    this.shell.tell("incoming::error", error);
    if (this.another()) return;
    if (!this.recovering) this.shell.tell("error", error);
    if (this.phase === "dialing") this.missed();
  }
  /** This attempt came to nothing. */
  missed() {
    this.past.misses++;
    if (!this.recovering && !this.has("timeout")) return this.end(void 0, "failed");
    this.drop();
    this.recovering = true;
    this.enter("waiting");
    this.schedule();
  }
  /** A websocket that is closing takes messages and loses them: those wait for the next one instead. */
  get writable() {
    return this.phase === "open" && this.socket !== null && this.socket.readyState === SOCKET_OPEN;
  }
  // ---- losing and coming back
  closed(event) {
    const { code, reason } = event || {};
    if (this.live) this.lost({ why: "lost", code, reason: String(reason || "") });
    else this.failed(new Error("The connection closed before it was open" + (code ? ` (code ${code})` : "")));
  }
  silent() {
    this.online = false;
    this.shell.tell("offline");
    if (this.live) this.lost({ why: "silent" });
  }
  lost(reason) {
    const wasOpen = this.live;
    if (wasOpen && !this.pulse.alive && this.used === "websocket") this.past.mute++;
    this.drop();
    const back = this.recovering = this.has("disconnect") || this.networkDown;
    this.enter(back ? "waiting" : "closed");
    this.shell.tell("incoming::end", reason);
    if (wasOpen) this.shell.tell("close", reason);
    if (back) return this.schedule();
    this.finish(reason);
  }
  schedule() {
    if (this.phase !== "waiting" || this.networkDown) return;
    const wait = this.backOff.next();
    if (wait === null) {
      this.enter("closed");
      this.shell.tell("reconnect failed", new Error("Unable to reconnect to the server"), this.progress());
      return this.finish({ why: "failed" });
    }
    this.attemptAfter(wait);
    this.shell.tell("reconnect scheduled", this.progress(wait));
  }
  attemptAfter(wait) {
    const attempt2 = () => {
      this.early = this.queue.length;
      this.shell.tell("reconnect", this.progress());
      this.shell.tell("outgoing::reconnect");
      if (this.phase === "waiting") this.dial();
    };
    this.timers.set("reconnect", Math.min(wait, LONGEST), attempt2, attempt2);
  }
  finish(reason) {
    if (this.phase !== "closed") return;
    this.stop();
    this.shell.tell("outgoing::end");
    this.shell.tell("end", reason);
  }
  wentOffline() {
    if (this.networkDown) return;
    this.networkDown = this.has("online");
    this.online = false;
    this.shell.tell("offline");
    if (this.live || this.phase === "dialing") this.lost({ why: "offline" });
    else if (this.networkDown) this.timers.clear("reconnect");
  }
  cameOnline() {
    if (this.online && !this.networkDown) return;
    this.networkDown = false;
    this.nowOnline();
    if (this.has("online")) this.hurry();
  }
  woke() {
    if (this.live) this.pulse.check();
    else this.hurry();
  }
  /** Whatever was in the way is gone. A little chance, as it is gone for many at once. */
  hurry() {
    if (this.phase !== "waiting" || this.networkDown) return;
    this.backOff.reset();
    this.attemptAfter(this.world.random() * this.options.reconnect.min);
  }
  // ---- state
  nowOnline() {
    if (this.online) return;
    this.online = true;
    this.shell.tell("online");
  }
  enter(phase) {
    const before = STATES[this.phase];
    this.phase = phase;
    if (STATES[phase] !== before) this.shell.tell("readyStateChange", STATES[phase]);
  }
  drop() {
    const socket = this.socket;
    this.wire.socket = null;
    this.timers.clearAll();
    if (socket) abandon(socket);
  }
  stop() {
    this.timers.clearAll();
    this.recovering = this.networkDown = false;
    this.early = 0;
    this.rooms.ended();
    if (this.unwatch) this.unwatch();
    this.unwatch = null;
  }
  has(name) {
    return this.options.strategy.indexOf(name) >= 0;
  }
  /** How far the coming back is, as Primus tells it. */
  progress(scheduled) {
    const { min, max, retries, factor, timeout } = this.options.reconnect;
    return { attempt: this.backOff.attempt, scheduled, min, max, retries, factor, "reconnect timeout": timeout };
  }
};
function errorOf(event) {
  if (event instanceof Error) return event;
  const error = event && event.error;
  return error instanceof Error ? error : new Error(event && event.message || "The websocket could not be opened");
}

// src/link/milliseconds.ts
var UNITS = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 };
function milliseconds(value, otherwise) {
  if (typeof value === "number") return isNaN(value) ? otherwise : Math.max(0, value);
  if (value === false) return 0;
  const parts = /^\s*([\d.]+)\s*(ms|milli|[smhd])?/i.exec(String(value));
  if (!parts) return otherwise;
  const unit = (parts[2] || "ms").toLowerCase();
  return Number(parts[1]) * (unit === "milli" ? 1 : UNITS[unit] || 1);
}

// src/link/options.ts
function linkOptions(given) {
  const { pathname = compiled.pathname || "/primus" } = given;
  return {
    pathname: pathname.charAt(0) === "/" ? pathname : "/" + pathname,
    timeout: milliseconds(pick(given.timeout, compiled.timeout), 1e4),
    pingTimeout: pingTimeout(given),
    reconnect: backOffOptions(given.reconnect || {}),
    strategy: strategies(pick(given.strategy, compiled.strategy)),
    manual: Boolean(pick(given.manual, compiled.manual)),
    websockets: pick(given.websockets, compiled.websockets) !== false,
    network: pick(given.network, compiled.network) !== false,
    queueSize: queueSize(pick(given.queueSize, compiled.queueSize)),
    transport: given.transport || {}
  };
}
function pick(given, written) {
  return given === void 0 ? written : given;
}
function backOffOptions(given) {
  const written = compiled.reconnect || {};
  const min = milliseconds(pick(given.min, written.min), 500);
  return {
    min,
    max: Math.max(min, milliseconds(pick(given.max, written.max), Infinity)),
    retries: count(pick(given.retries, written.retries), 10),
    factor: count(pick(given.factor, written.factor), 2),
    timeout: milliseconds(pick(pick(given["reconnect timeout"], given.timeout), written.timeout), 3e4)
  };
}
function count(value, otherwise) {
  const number = Number(value);
  return value === void 0 || value === null || isNaN(number) ? otherwise : number;
}
function queueSize(value) {
  return Math.max(0, count(value, Infinity));
}
function strategies(value) {
  if (value === false) return [];
  const list = typeof value === "string" ? value.split(",") : value || [];
  if (list.length > 0) return list.map((name) => String(name).trim().toLowerCase());
  return compiled.authorization ? ["disconnect", "online"] : ["disconnect", "online", "timeout"];
}
function pingTimeout(given) {
  if (given.pong !== void 0) {
    warn("`pong` has no effect: `pingTimeout` says how long to wait for the server's ping.");
  }
  if (given.ping !== void 0 && given.pingTimeout === void 0) {
    warn("`ping` is an option of Primus 6, taken as `pingTimeout` = `ping` + 20000: set that instead.");
    return given.ping === false ? 0 : milliseconds(given.ping, 25e3) + 2e4;
  }
  const value = pick(given.pingTimeout, compiled.pingTimeout);
  return value === false ? 0 : milliseconds(value, 45e3);
}
var warned = {};
function warn(text) {
  if (warned[text] || typeof console === "undefined") return;
  warned[text] = true;
  console.warn("playhouse-client: " + text);
}

// src/link/url.ts
function parseUrl(text) {
  const { href, protocol, username, password, host, hostname, port, pathname, search } = parsed(withScheme(text), text);
  const auth = username + (password && ":" + password);
  return { href, protocol, auth, host, hostname, port, pathname, query: search };
}
function withScheme(text) {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(text) || text.charAt(0) === "/" ? text : "http://" + text;
}
function parsed(whole, text) {
  try {
    return new URL(whole, defaultUrl());
  } catch (error) {
    throw new TypeError(`url: "${text}" is no address. Write one such as https://example.org`);
  }
}
function target({ protocol, auth, host, query }, pathname, now) {
  const secure = protocol === "https:" || protocol === "wss:";
  const own = ["_primuscb=" + now.toString(36), "_playhouse=0.1.0"];
  return { protocol: "ws:", secure, auth, host, pathname, query: query.slice(1).split("&").filter(Boolean).concat(own).join("&") };
}
function websocketUrl({ protocol, secure, auth, host, pathname, query }) {
  const scheme = secure ? protocol.replace(":", "s:") : protocol;
  return scheme + "//" + (auth && auth + "@") + host + pathname + (query && "?" + query);
}

// src/link/network.ts
function watchNetwork(watching) {
  const events = [];
  const wake = () => {
    if (typeof navigator !== "undefined" && navigator.onLine) watching.online();
    watching.wake();
  };
  const shown = () => {
    if (document.visibilityState !== "hidden") wake();
  };
  if (typeof addEventListener === "function" && typeof navigator !== "undefined" && "onLine" in navigator) {
    const page = typeof window !== "undefined" ? window : self;
    events.push([page, "offline", watching.offline], [page, "online", watching.online], [page, "pageshow", wake]);
  }
  if (typeof document !== "undefined" && "addEventListener" in document) {
    events.push([document, "visibilitychange", shown], [document, "resume", wake]);
  }
  for (const [target2, name, listener] of events) target2.addEventListener(name, listener, false);
  return () => {
    for (const [target2, name, listener] of events) target2.removeEventListener(name, listener, false);
  };
}

// src/link/polling.ts
var OPEN = 1;
var CLOSING = 2;
var CLOSED = 3;
var LOAD = 8e4;
var LINGER = 200;
var PATIENCE2 = 5e3;
function canPoll() {
  return typeof fetch === "function" && typeof AbortController === "function";
}
var Polling = class {
  /** `url` is that of a websocket. Its query goes with each request, and a number behind it. */
  constructor(url, headers) {
    this.readyState = 0;
    this.onopen = null;
    this.onmessage = null;
    this.onerror = null;
    this.onclose = null;
    this.headers = {};
    this.unsent = [];
    this.asking = /* @__PURE__ */ new Set();
    this.sending = false;
    this.turns = 0;
    const [, scheme, auth, path, query] = /^(\w+:\/\/)(?:([^/?]*)@)?([^?]*)(.*)$/.exec(url.replace(/^ws/, "http"));
    this.base = scheme + path + session();
    this.query = query + (query ? "&" : "?") + "_turn=";
    if (auth) this.headers.Authorization = "Basic " + btoa(unescape(auth));
    Object.assign(this.headers, headers);
    this.attempt(async () => {
      while (this.readyState < CLOSED) this.take(await this.ask("/xhr"));
    });
  }
  send(text) {
    this.unsent.push(JSON.stringify(text));
    if (this.sending) return;
    this.sending = true;
    this.attempt(async () => {
      await null;
      while (this.unsent.length) await this.ask("/xhr_send", `[${this.load()}]`);
      this.sending = false;
      if (this.readyState === CLOSING) this.linger();
    });
  }
  /** Ends it when all is sent. */
  close() {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSING;
    this.linger(this.sending ? PATIENCE2 : LINGER);
  }
  terminate() {
    this.readyState = CLOSED;
    clearTimeout(this.lingering);
    for (const request2 of this.asking) request2.abort();
  }
  linger(time = LINGER) {
    clearTimeout(this.lingering);
    this.lingering = setTimeout(() => this.terminate(), time);
  }
  /** The messages of the next request. */
  load() {
    let length = 0;
    const over = this.unsent.findIndex((text, n) => (length += text.length) > LOAD && n > 0);
    return this.unsent.splice(0, over < 0 ? this.unsent.length : over);
  }
  async ask(what, body) {
    const { headers, asking } = this;
    const url = this.base + what + this.query + ++this.turns;
    const request2 = new AbortController();
    asking.add(request2);
    try {
      const { signal } = request2;
      const answer = await fetch(url, { method: "POST", body, headers, credentials: "include", signal });
      if (answer.ok) return await answer.text();
      throw Object.assign(new Error(`Polling is answered with ${answer.status}`), { status: answer.status });
    } finally {
      asking.delete(request2);
    }
  }
  /** A frame of the server. */
  take(frame) {
    const kind = frame.charAt(0);
    const value = () => JSON.parse(frame.slice(1));
    if (kind === "c") {
      const [code, reason] = value();
      this.ended({ code, reason });
    } else if (kind === "o" && !this.readyState) {
      this.readyState = OPEN;
      this.tell("onopen", {});
    } else if (kind === "a" && this.readyState) {
      for (const data of value()) this.tell("onmessage", { data });
    } else if (kind !== "h") {
      throw new Error("The session is lost, or the server none that can be polled");
    }
  }
  attempt(act) {
    act().catch((error) => {
      if (this.readyState === CLOSED) return;
      this.terminate();
      this.tell("onerror", error);
      this.ended({ code: error.status === 413 ? 1009 : 1006, reason: "" });
    });
  }
  ended(how) {
    this.terminate();
    this.tell("onclose", how);
  }
  tell(name, event) {
    guarded(() => {
      const listener = this[name];
      if (listener) listener(event);
    });
  }
};
function session() {
  const source = typeof crypto === "undefined" ? nodeRequire("crypto").webcrypto : crypto;
  const [server, ...name] = Array.from(source.getRandomValues(new Uint32Array(5)));
  return `/${String(1e3 + server % 1e3).slice(1)}/${name.map((part) => part.toString(36)).join("")}`;
}

// src/link/world.ts
var world = {
  clock: {
    now: () => Date.now(),
    after: (ms, ring) => setTimeout(ring, ms),
    cancel: (timer) => clearTimeout(timer)
  },
  random: Math.random,
  polls: canPoll,
  open: (transport, url, settings) => transport === "polling" ? new Polling(url, settings.headers) : openSocket(url, settings),
  watch: watchNetwork
};

// src/primus/transform.ts
function transformed(self2, transformers, data, done, kept = () => {
}) {
  const packet = { data };
  const next = (index) => {
    const transformer = transformers[index];
    if (!transformer) return done(packet.data);
    if (transformer.length < 2) {
      if (transformer.call(self2, packet) !== false) next(index + 1);
      else kept();
      return;
    }
    transformer.call(self2, packet, (error, goesOn) => {
      if (error) self2.emit("error", error);
      if (error || goesOn === false) kept();
      else next(index + 1);
    });
  };
  next(0);
}

// src/primus/primus.ts
var OPENING = 1;
var CLOSED2 = 2;
var OPEN2 = 3;
var READY = {
  closed: CLOSED2,
  due: CLOSED2,
  waiting: CLOSED2,
  dialing: OPENING,
  settling: OPEN2,
  open: OPEN2
};
var PrimusClient = class _PrimusClient extends Emitter {
  /** What a constructor does; `Primus` may be called as a function, which a class may not. */
  begin(address, given = {}) {
    const options = Object.assign({}, typeof address === "object" ? address : given);
    const url = typeof address === "string" && address ? address : options.url || options.uri || defaultUrl();
    const chosen = linkOptions(options);
    this.url = parseUrl(url);
    this.pathname = chosen.pathname;
    this.transformers = { incoming: [], outgoing: [] };
    this.greetings = [];
    this.options = Object.assign(options, chosen, { strategy: chosen.strategy.join(",") });
    const link = this.link = new Link(chosen, {
      tell: (name, ...args) => this.told(name, args),
      url: () => this.uri({}),
      encode: (data, done) => this.encoder(data, done),
      decode: (text, done) => this.decoder(text, done),
      deliver: (message, raw) => transformed(this, this.transformers.incoming, message, (data) => this.emit("data", data, raw)),
      greeting: (later2) => this.greetingFrames(later2)
    }, world);
    this.recovery = {
      get attempt() {
        return link.backOff.attempt;
      },
      reconnecting: () => link.recovering,
      reset: () => link.backOff.reset()
    };
    for (const name in this.ark) this.ark[name].call(this, this, options);
    if (!chosen.manual) link.openSoon();
  }
  get readyState() {
    return READY[this.link.phase];
  }
  get online() {
    return this.link.online;
  }
  get socket() {
    return this.link.socket;
  }
  get buffer() {
    return this.link.queue.items;
  }
  get writable() {
    return this.readyState === OPEN2;
  }
  get readable() {
    return this.readyState === OPEN2;
  }
  open() {
    this.link.open();
    return this;
  }
  write(data) {
    transformed(this, this.transformers.outgoing, data, (changed) => this._write(changed));
    return true;
  }
  /** Writes without asking the transformers. */
  _write(data) {
    return this.link.write(data);
  }
  end(data) {
    if (data !== void 0) this.write(data);
    this.link.end();
    return this;
  }
  /** Ends it, and forgets its listeners. */
  destroy() {
    this.emit("destroy");
    this.end();
    this.removeAllListeners();
    return true;
  }
  /** Asks the server for the connection's id on the link. */
  id(answer) {
    this._write("primus::id::");
    return this.once("incoming::id", answer);
  }
  transform(type, transformer) {
    if (!this.transformers[type]) return this.critical(new Error("Invalid transformer type"));
    this.transformers[type].push(transformer);
    return this;
  }
  /** Frames that go first on each new link, when the rooms are joined again and before what has waited. */
  greet(frames) {
    this.greetings.push(frames);
    return this;
  }
  plugin(name) {
    return name ? this.ark[name] : Object.assign({}, this.ark);
  }
  /** Whether an event is the link's own, so that no application may use its name. */
  reserved(name) {
    return /^(incoming|outgoing)::/.test(name) || _PrimusClient.prototype.reserved.events[name] === 1;
  }
  /** Tells an error, or throws it where nobody listens. */
  critical(error) {
    if (!this.emit("error", error)) throw error;
    return this;
  }
  encoder(data, done) {
    attempt(() => JSON.stringify(data), done);
  }
  decoder(text, done) {
    attempt(() => JSON.parse(text), done);
  }
  /** The websocket's address; plugins may change its parts on `outgoing::url`. */
  uri(changes2) {
    const parts = Object.assign(target(this.url, this.pathname, Date.now()), changes2);
    this.emit("outgoing::url", parts);
    return websocketUrl(parts);
  }
  greetingFrames(later2) {
    const frames = [];
    for (const greeting of this.greetings) {
      for (const frame of greeting()) this.greetingFrame(frame, frames, later2);
    }
    return frames;
  }
  /** Puts it among the others if the transformers are done with it at once, and else sends it when they are. */
  greetingFrame(frame, frames, later2) {
    let at = (changed) => frames.push(...changed);
    const done = (changed) => {
      if (at) at(changed);
      at = void 0;
    };
    const { outgoing } = this.transformers;
    try {
      transformed(this, outgoing, frame, (changed) => done([changed]), () => done([]));
    } catch (error) {
      done([]);
      this.emit("error", error);
    }
    if (at) at = later2();
  }
  told(name, args) {
    if (name === "dropped") return this.dropped(args[0]);
    if (name === "refused") return this.refused(args[0]);
    this.emit(name === "sent" ? "outgoing::sent" : name, ...args);
  }
  dropped(data) {
    const text = `More than ${this.options.queueSize} messages waited for the connection: the oldest was dropped`;
    const error = Object.assign(new Error(text), { code: "queue_full", data });
    this.emit("outgoing::dropped", data, error);
    this.emit("error", error);
  }
  refused({ room, response }) {
    const text = `The room ${room} could not be joined again: ${response.error || "it was refused"}`;
    this.emit("error", Object.assign(new Error(text), { code: "room_not_rejoined", room, response }));
  }
};
PrimusClient.prototype.ark = {};
PrimusClient.prototype.version = "0.1.0";
PrimusClient.prototype.pathname = compiled.pathname || "/primus";
PrimusClient.prototype.authorization = compiled.authorization || false;
PrimusClient.prototype.reserved.events = {
  "reconnect scheduled": 1,
  "reconnect timeout": 1,
  readyStateChange: 1,
  "reconnect failed": 1,
  reconnected: 1,
  reconnect: 1,
  offline: 1,
  timeout: 1,
  destroy: 1,
  online: 1,
  error: 1,
  close: 1,
  open: 1,
  data: 1,
  end: 1
};
function attempt(act, done) {
  let value;
  try {
    value = act();
  } catch (error) {
    return done(error);
  }
  done(null, value);
}
var Primus = function(url, options) {
  if (!(this instanceof PrimusClient)) return Primus.connect(url, options);
  this.begin(url, options);
};
Primus.prototype = PrimusClient.prototype;
Object.defineProperty(Primus.prototype, "constructor", { value: Primus, writable: true, configurable: true });
Primus.connect = (url, options) => new Primus(url, options);
Primus.EventEmitter = EventEmitter;
Primus.version = "0.1.0";
Object.assign(Primus, { OPENING, CLOSED: CLOSED2, OPEN: OPEN2 });

// src/actionhero/spelling.ts
function spelled(list) {
  try {
    return JSON.parse(JSON.stringify(list, function(key, value) {
      const own = this[key];
      if (typeof own === "bigint") return ["$BigInt", String(own)];
      if (own instanceof Uint8Array) return ["$Uint8Array", btoa(Array.from(own, (byte) => String.fromCharCode(byte)).join(""))];
      return value !== list && isMarked(value) ? ["$" + value[0], value[1]] : value;
    }));
  } catch (error) {
    throw Object.assign(error, { code: "not_encodable" });
  }
}
function unspelled(value) {
  if (typeof value !== "object" || !value) return value;
  for (const key of Object.keys(value)) value[key] = unspelled(value[key]);
  if (!isMarked(value)) return value;
  const [name, text] = value;
  if (name === "$BigInt" && BigInt) return BigInt(text);
  if (name === "$Uint8Array") return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return name[1] === "$" ? [name.slice(1), text] : value;
}
function isMarked(value) {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string" && value[0][0] === "$";
}

// src/actionhero/failure.ts
function isFailure(response) {
  if (typeof response !== "object" || response === null) return false;
  if (response instanceof Error) return true;
  const { error } = response;
  return error !== void 0 && error !== null && error !== false;
}
function failureOf(response) {
  if (response instanceof Error) return response;
  const { error, code = "error", fields, metadata } = response;
  return Object.assign(new Error(textOf(error)), { code, fields, metadata: unspelled(metadata), response });
}
function textOf(error) {
  if (typeof error === "string") return error.replace(/^Error: /, "");
  if (error && typeof error.message === "string") return error.message;
  if (error && typeof error.statusText === "string") return error.statusText || "The server could not be reached";
  return error === void 0 ? "The server refused it" : JSON.stringify(error);
}
function ownFailure(code, text, messageId) {
  const failure = new Error(text);
  const response = { error: text, code, context: "response", messageId };
  return Object.assign(failure, response, { response });
}
function quiet(start) {
  const promise = new Promise(start);
  promise.catch(() => {
  });
  return promise;
}

// src/actionhero/actor.ts
var FIRST = 250;
var LONGEST2 = 3e4;
var STEADY2 = 1e4;
var Actor = class {
  constructor(ground, actor, params) {
    this.ground = ground;
    this.actor = actor;
    this.state = "waiting";
    this.heard = new Emitter();
    this.told = new Emitter();
    this.queue = [];
    this.seat = 0;
    /** Counts what makes earlier answers and waits void. */
    this.turn = 0;
    this.attempt = 0;
    this.since = 0;
    this.params = spelled([params])[0];
  }
  // ---- for the page
  /** Calls an action. What was sent and not answered when the connection went is uncertain, and rejected. */
  call(name, ...args) {
    return quiet((resolve, reject) => {
      const { queue, ground } = this;
      const failure = this.failure || ground.unable();
      if (failure) return reject(failure);
      queue.push([{ event: "actorCall", name, args: spelled(args) }, (response) => {
        if (isFailure(response)) reject(failureOf(response));
        else resolve(unspelled(response.data));
      }]);
      this.flush();
      if (queue.length > ground.limit()) queue.shift()[1](ownFailure("queue_full", "Too many calls wait"));
    });
  }
  /** Hears an event until the function that it returns is called. */
  on(event, listener) {
    return this.listen(event, () => this.heard.on(event, listener), listener);
  }
  once(event, listener) {
    return this.listen(event, () => this.heard.once(event, listener), listener);
  }
  off(event, listener) {
    this.changed(event, () => this.heard.off(event, listener));
  }
  /** Hears of the seat itself: its new state and, with `closed`, why. */
  watch(listener) {
    this.told.on("state", listener);
    return () => {
      this.told.off("state", listener);
    };
  }
  /** Gives it up for good. */
  leave() {
    if (this.seat) this.send({ event: "actorLeave" });
    this.close(ownFailure("actor_left", "You have left this actor"));
  }
  // ---- for the client
  /** A connection is there. */
  sit() {
    const { ground, actor, params } = this;
    if (this.failure || !ground.ready()) return;
    this.stop();
    const { turn } = this;
    ground.send({ event: "actorConnect", actor, params }, (response) => {
      const failed = isFailure(response);
      if (turn !== this.turn) {
        if (!failed) this.send({ event: "actorLeave" }, response.data.seat);
      } else if (!failed) {
        this.seated(response.data.seat);
      } else if (response.retry) {
        this.again();
      } else if (!(/^connection_/.test(response.code) && response instanceof Error)) {
        this.close(failureOf(response));
      }
    });
  }
  /** The connection is gone, and the seat with it. */
  lost() {
    this.stop();
    this.vacate();
  }
  /** What waits won't be sent. */
  reject(failure) {
    for (const [, callback] of this.queue.splice(0)) callback(failure);
  }
  hear({ event, args, closed }) {
    if (!closed) return this.changed(event, () => this.heard.emit(event, ...args.map(unspelled)));
    if (!closed.retry) return this.close(failureOf({ error: closed.reason || closed.code, code: closed.code }));
    this.vacate();
    this.again();
  }
  // ---- the seat
  seated(seat) {
    this.seat = seat;
    this.since = Date.now();
    this.ground.place(seat, this);
    for (const name of this.heard.eventNames()) this.send({ event: "actorOn", name });
    this.become("open");
    this.flush();
  }
  flush() {
    while (this.seat && this.queue.length && this.ground.ready()) {
      const [frame, callback] = this.queue.shift();
      this.send(frame, this.seat, callback);
    }
  }
  vacate() {
    if (!this.seat) return;
    this.ground.place(this.seat);
    this.seat = 0;
    if (Date.now() - this.since > STEADY2) this.attempt = 0;
    this.become("waiting");
  }
  again() {
    if (this.failure) return;
    this.stop();
    const most = this.attempt ? Math.min(LONGEST2, FIRST * Math.pow(2, this.attempt - 1)) : 0;
    this.attempt++;
    this.timer = setTimeout(() => this.sit(), most * (1 - Math.random() / 2));
  }
  /** No attempt follows, and the answer to one under way is void. */
  stop() {
    clearTimeout(this.timer);
    this.turn++;
  }
  close(failure) {
    if (this.failure) return;
    this.failure = failure;
    this.stop();
    if (this.seat) this.ground.place(this.seat);
    this.seat = 0;
    this.ground.gone(this);
    this.reject(failure);
    this.become("closed", failure);
  }
  become(state, failure) {
    this.state = state;
    this.told.emit("state", state, failure);
  }
  /** What can't leave now is not for the next connection, on which the seat is another. */
  send(frame, seat = this.seat, callback = () => {
  }) {
    if (this.ground.ready()) this.ground.send(Object.assign(frame, { seat }), callback);
  }
  // ---- events
  listen(event, add, listener) {
    this.changed(event, add);
    return () => this.off(event, listener);
  }
  /** The actor is told when the first listens to an event, and when the last does no more. */
  changed(name, change) {
    const before = this.heard.listenerCount(name) > 0;
    change();
    const after = this.heard.listenerCount(name) > 0;
    if (this.seat && before !== after) this.send({ event: after ? "actorOn" : "actorOff", name });
  }
};

// src/actionhero/actors.ts
var Actors = class {
  constructor(ground) {
    this.all = /* @__PURE__ */ new Set();
    this.seats = /* @__PURE__ */ new Map();
    this.ground = Object.assign({
      place: (seat, actor) => {
        if (actor) this.seats.set(seat, actor);
        else this.seats.delete(seat);
      },
      gone: (actor) => {
        this.all.delete(actor);
      }
    }, ground);
  }
  /** A new one, with a seat as soon as there can be one. */
  add(name, key, params) {
    const actor = new Actor(this.ground, [name, key], params);
    this.all.add(actor);
    actor.sit();
    return actor;
  }
  /** A connection is there. */
  sit() {
    for (const actor of Array.from(this.all)) actor.sit();
  }
  /** It is gone. */
  lost() {
    for (const actor of Array.from(this.all)) actor.lost();
  }
  /** And none will come: what waits for it is told. */
  reject(failure) {
    for (const actor of Array.from(this.all)) actor.reject(failure);
  }
  hear(message) {
    const actor = this.seats.get(message.seat);
    if (actor) actor.hear(message);
  }
};

// src/actionhero/pending.ts
var REUSED = "Another message was sent with the same messageId: whose a reply is can't be told";
var LOST = "The connection was lost before the reply came: it may have been done or not. Ask before doing it again.";
var Pending = class {
  constructor() {
    /** By messageId, as in ActionHero's client. */
    this.callbacks = /* @__PURE__ */ Object.create(null);
    this.flights = /* @__PURE__ */ new Map();
  }
  /** Remembers a frame that is about to be written. Who waits under that id can't be answered any more. */
  add(messageId, event, ordinal, callback) {
    const key = keyOf2(messageId);
    const displaced = this.take(key);
    this.flights.set(key, { sent: false, ordinal, event, messageId });
    if (callback) this.callbacks[key] = callback;
    if (displaced) guarded(() => displaced(ownFailure("id_reused", REUSED, messageId)));
  }
  has(messageId) {
    return this.flights.has(keyOf2(messageId));
  }
  sent(messageId) {
    const flight = this.flights.get(keyOf2(messageId));
    if (flight) flight.sent = true;
  }
  /** Who waits for the reply to this frame is told that none will come. Returns whether anybody did. */
  fail(messageId, failure) {
    const callback = this.take(keyOf2(messageId));
    if (callback) guarded(() => callback(failure));
    return callback !== void 0;
  }
  /**
   * The link is gone, and with it the replies to what was sent on it; but a link of ours asks again for what
   * `changesRooms`.
   */
  lost(changesRooms) {
    const again = (event) => changesRooms && (event === "roomAdd" || event === "roomLeave");
    this.each(({ sent, event }) => sent && !again(event), "connection_lost", LOST);
  }
  /** Nothing more will be sent or come. */
  closed(text) {
    this.each(() => true, "connection_closed", text);
  }
  /** Completes a reply in the way in which ActionHero's documentation shows it, before anybody sees it. */
  complete(response) {
    const flight = this.flights.get(keyOf2(response.messageId));
    if (!flight || flight.event !== "file") return;
    if (response.error === void 0) response.error = null;
    if (response.messageCount === void 0) response.messageCount = flight.ordinal;
  }
  answered(response) {
    const callback = this.take(keyOf2(response.messageId));
    if (callback) guarded(() => callback(response));
  }
  each(wanted, code, text) {
    for (const flight of Array.from(this.flights.values())) {
      if (wanted(flight)) this.fail(flight.messageId, ownFailure(code, text, flight.messageId));
    }
  }
  take(key) {
    const callback = this.callbacks[key];
    delete this.callbacks[key];
    this.flights.delete(key);
    return typeof callback === "function" ? callback : void 0;
  }
};
function keyOf2(messageId) {
  return typeof messageId === "object" && messageId ? JSON.stringify(messageId) : String(messageId);
}

// src/actionhero/web.ts
var JSON_BODY = { "Content-Type": "application/json" };
function actionOverHttp(url, apiPath, params) {
  try {
    return asked(url, apiPath, params).then(responseOf, unreachable);
  } catch (error) {
    return Promise.resolve(ownFailure("not_encodable", "The message cannot be sent: " + error.message));
  }
}
function asked(url, apiPath, params) {
  const method = String(params.httpMethod || "POST").toUpperCase();
  const base = /^https?:\/\//i.test(apiPath) ? apiPath : origin(url) + apiPath;
  const query = "?action=" + encodeURIComponent(params.action);
  if (method !== "GET") return request(method, base + query, JSON.stringify(params));
  const inputs = Object.keys(params).filter((key) => key !== "action" && key !== "httpMethod");
  const pairs = inputs.map((key) => pair(encodeURIComponent(key), params[key])).join("");
  return request(method, base + query + pairs);
}
function origin(url) {
  return url && withScheme(url).replace(/[?#].*$/, "").replace(/\/+$/, "").replace(/^ws(?=s?:)/i, "http");
}
function pair(key, value) {
  if (value === void 0 || value === null) return "";
  if (Array.isArray(value)) return value.map((one) => pair(key + "[]", one)).join("");
  if (typeof value !== "object") return "&" + key + "=" + encodeURIComponent(value);
  return Object.keys(value).map((part) => pair(key + "[" + encodeURIComponent(part) + "]", value[part])).join("");
}
function responseOf({ statusText, text, code }) {
  try {
    const response = JSON.parse(text);
    if (code && response && response.error !== void 0 && response.code === void 0) response.code = code;
    return response;
  } catch (error) {
    return { error: { statusText, responseText: text }, code: "no_json" };
  }
}
function unreachable(error) {
  const statusText = String(error && error.message || "");
  return { error: { statusText, responseText: "" }, code: "unreachable" };
}
function request(method, url, body) {
  if (typeof fetch === "function") return withFetch(method, url, body);
  return new Promise((resolve, reject) => {
    if (typeof XMLHttpRequest !== "undefined") withXhr(method, url, body, resolve);
    else if (nodeRequire) withNode(method, url, body, resolve, reject);
    else reject(new Error("There is neither fetch nor XMLHttpRequest here"));
  });
}
function withFetch(method, url, body) {
  return fetch(url, { method, body, headers: body === void 0 ? {} : JSON_BODY }).then((response) => response.text().then((text) => ({
    status: response.status,
    statusText: response.statusText,
    text,
    code: response.headers.get("X-Error-Code")
  })));
}
function withXhr(method, url, body, resolve) {
  const xhr = new XMLHttpRequest();
  xhr.onreadystatechange = () => {
    if (xhr.readyState !== 4) return;
    const { status, statusText, responseText: text } = xhr;
    const code = /^x-error-code: *(\S+)/im.exec(xhr.getAllResponseHeaders && xhr.getAllResponseHeaders() || "");
    resolve({ status, statusText, text, code: code && code[1] });
  };
  xhr.open(method, url, true);
  if (body !== void 0) xhr.setRequestHeader("Content-Type", "application/json");
  xhr.send(body);
}
function withNode(method, url, body, resolve, reject) {
  const http = nodeRequire(/^https/i.test(url) ? "https" : "http");
  const headers = body === void 0 ? {} : JSON_BODY;
  const sent = http.request(url, { method, headers }, (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (part) => {
      text += part;
    });
    response.on("error", reject);
    response.on("end", () => resolve({
      status: response.statusCode,
      statusText: response.statusMessage,
      text,
      code: response.headers["x-error-code"] || null
    }));
  });
  sent.on("error", reject);
  sent.end(body);
}

// src/actionhero/client.ts
var NOT_CONNECTED = "The client is not connected: call `connect` first";
var ENDED = "The connection has ended, so there will be no reply";
var NEVER = "The connection could not be opened";
var ActionheroWebsocketClient = class extends Emitter {
  constructor(options, client) {
    super();
    this.id = null;
    this.fingerprint = null;
    this.events = {};
    this.rooms = [];
    this.state = "disconnected";
    this.messageId = 0;
    this.pending = new Pending();
    this.actors = new Actors({
      send: (frame, callback) => void this.send(frame, callback),
      // Before the first `connect` they wait.
      unable: () => this.over === void 0 ? null : this.unable(),
      ready: () => this.state === "connected" && (this.client.link || this.client).writable,
      limit: () => this.options.queueSize === void 0 ? Infinity : this.options.queueSize
    });
    /** Who waits for the first details of this connection. */
    this.waiting = null;
    this.greeted = false;
    /** What went wrong last. */
    this.trouble = null;
    this.callbacks = this.pending.callbacks;
    this.options = this.defaults();
    this.choose(options || {});
    if (client) {
      this.externalClient = true;
      this.client = client;
    }
  }
  defaults() {
    const { apiPath = "/api", cookieKey = "sessionID" } = compiled;
    return { apiPath, cookieKey, url: defaultUrl() };
  }
  /** What a page gives counts; `undefined` is nothing given. */
  choose(options) {
    for (const name of Object.keys(options)) if (options[name] !== void 0) this.options[name] = options[name];
  }
  // ---- connection
  /** What carries the connection, while there is one. A `Primus` of others does not tell. */
  get transport() {
    const { client } = this;
    return client && client.link && client.link.transport;
  }
  connect(callback) {
    if (typeof callback !== "function") {
      return quiet((resolve, reject) => {
        this.connect((error, details) => error ? reject(error) : resolve(details));
      });
    }
    try {
      this.renew();
    } catch (error) {
      this.over = true;
      later(() => callback(error));
      return void 0;
    }
    this.waiting = callback;
    this.greeted = this.over = false;
    this.trouble = null;
    return void 0;
  }
  /** A new link, or the page's own one opened anew. */
  renew() {
    if (this.client) this.client.end();
    if (this.client && this.externalClient) {
      this.wire(this.client);
      this.client.open();
      return;
    }
    const before = this.client;
    if (before) before.removeAllListeners();
    this.client = Primus.connect(this.urlWithSession(), this.options);
    if (before) this.client.link.past = before.link.past;
    this.wire(this.client);
  }
  wire(primus) {
    if (this.wired === primus) return;
    this.wired = primus;
    const greets = typeof primus.greet === "function";
    if (greets) primus.greet(() => this.greeting(false));
    primus.on("open", () => {
      this.over = false;
      if (!greets) for (const frame of this.greeting(true)) this.write(frame);
    });
    primus.on("outgoing::settled", () => this.actors.sit());
    primus.on("data", (message) => this.handleMessage(message));
    primus.on("outgoing::sent", (frame) => {
      if (frame) this.pending.sent(frame.messageId);
    });
    primus.on("outgoing::dropped", (frame, error) => this.dropped(frame, error));
    primus.on("error", (error) => this.erred(error));
    primus.on("timeout", () => this.become("timeout", "timeout"));
    primus.on("reconnect scheduled", (progress) => this.become("reconnecting", "reconnecting", progress));
    primus.on("reconnect", (progress) => {
      if (this.state !== "reconnecting") this.become("reconnecting", "reconnecting", progress);
    });
    primus.on("close", (reason) => this.closed(reason));
    primus.on("end", (reason) => this.ended(reason));
  }
  urlWithSession() {
    const { cookieKey } = this.options;
    const value = cookieKey && this.getCookie(cookieKey);
    if (!value) return this.options.url;
    const url = this.options.url.replace(/#.*$/, "");
    return url + (url.indexOf("?") < 0 ? "?" : "&") + cookieKey + "=" + value;
  }
  getCookie(name) {
    if (typeof document === "undefined" || !document.cookie) return void 0;
    for (const pair2 of document.cookie.split(/; */)) {
      if (pair2.slice(0, name.length + 1) === name + "=") return pair2.slice(name.length + 1);
    }
    return void 0;
  }
  /**
   * What each new connection begins with. Its rooms are joined by the link, but for the first time, and where
   * the link is somebody else's.
   */
  greeting(byHand) {
    const joins = this.greeted && !byHand ? [] : this.rooms.map((room) => this.frame({ event: "roomAdd", room }));
    return joins.concat(this.frame({ event: "detailsView" }, (details) => this.introduced(details)));
  }
  introduced(details) {
    if (details.code === "connection_lost" || details.code === "connection_closed") return;
    if (!this.learn(details)) {
      this.emit("error", failureOf(details));
      this.tell(failureOf(details));
      return;
    }
    const again = this.greeted;
    this.greeted = true;
    this.state = "connected";
    this.actors.sit();
    this.emit(again ? "reconnect" : "connected");
    this.tell(null, details);
  }
  learn(details) {
    if (isFailure(details) || !details.data) return false;
    this.id = details.data.id;
    this.fingerprint = details.data.fingerprint;
    this.rooms = details.data.rooms || [];
    return true;
  }
  become(state, event, ...args) {
    this.state = state;
    this.emit(event, ...args);
  }
  tell(error, details) {
    const { waiting } = this;
    this.waiting = null;
    if (waiting) guarded(() => waiting(error, details));
  }
  closed(reason) {
    if (this.state !== "disconnected") this.become("disconnected", "disconnected", reason);
    this.actors.lost();
    this.pending.lost(Boolean(this.client && this.client.greet));
  }
  ended(reason) {
    if (this.state !== "disconnected") this.become("disconnected", "disconnected", reason);
    this.over = true;
    if (this.client && this.client.buffer) this.client.buffer.length = 0;
    this.pending.closed(ENDED);
    this.actors.reject(ownFailure("connection_closed", ENDED));
    this.tell(ownFailure("connection_closed", this.trouble ? NEVER + ": " + this.trouble.message : NEVER));
  }
  dropped(frame, error) {
    const failure = ownFailure(error.code, error.message, frame && frame.messageId);
    if (frame && this.pending.fail(frame.messageId, failure)) return;
    this.emit("error", error);
  }
  erred(error) {
    if (error && (error.code === "queue_full" || error.code === "not_encodable")) return;
    this.trouble = error instanceof Error ? error : failureOf({ error });
    this.emit("error", this.trouble);
  }
  /** Joins the remembered rooms and asks who this client is now. */
  configure(callback) {
    for (const room of this.rooms) this.write(this.frame({ event: "roomAdd", room }));
    return this.send({ event: "detailsView" }, callback && ((details) => {
      this.learn(details);
      callback(details);
    }));
  }
  disconnect() {
    const before = this.state;
    this.state = "disconnected";
    if (this.client) this.client.end();
    if (before !== "disconnected") this.emit("disconnected", { why: "ended" });
    return Promise.resolve();
  }
  // ---- messages
  /** Sends any frame. Without a callback it returns a promise of the reply. */
  send(args, callback) {
    if (typeof callback !== "function") {
      return quiet((resolve, reject) => {
        this.send(args, (response) => isFailure(response) ? reject(failureOf(response)) : resolve(response));
      });
    }
    const why = this.unable();
    if (why) later(() => callback(why));
    else this.write(this.frame(args, callback));
    return void 0;
  }
  registerCallback(messageId, callback) {
    this.pending.add(messageId, void 0, this.messageId, callback);
  }
  unable() {
    return this.over === false ? null : ownFailure("not_connected", NOT_CONNECTED);
  }
  frame(args, callback) {
    const { params, event } = args;
    do
      this.messageId++;
    while (this.pending.has(this.messageId));
    const messageId = event === "action" && params && params.messageId || args.messageId || this.messageId;
    this.pending.add(messageId, event, this.messageId, callback);
    const frame = Object.assign({}, args);
    delete frame.messageId;
    return Object.assign(frame, { messageId });
  }
  write(frame) {
    const { client } = this;
    if (!client) return;
    client.write(frame);
    if (!client.greet && client.writable) this.pending.sent(frame.messageId);
  }
  handleMessage(message) {
    const whole = typeof message === "object" && message !== null;
    if (whole) this.pending.complete(message);
    this.emit("message", message);
    if (!whole) return;
    switch (message.context) {
      case "response":
        return this.pending.answered(message);
      case "user":
        return void this.emit("say", message);
      case "alert":
        return void this.emit("alert", message);
      case "actor":
        return this.actors.hear(message);
    }
    if (message.error) this.emit("error", failureOf(message));
    if (message.welcome && message.context === "api") {
      this.welcomeMessage = message.welcome;
      this.emit("welcome", message);
    } else {
      this.emit("api", message);
    }
  }
  // ---- actions
  action(name, params, callback) {
    if (typeof params === "function") return this.action(name, null, params);
    const all = Object.assign({}, params, { action: name });
    return this.state === "connected" ? this.actionWebSocket(all, callback) : this.actionWeb(all, callback);
  }
  actionWeb(params, callback) {
    const { url, apiPath } = this.options;
    const answered = actionOverHttp(url, apiPath, params);
    if (typeof callback !== "function") {
      return quiet((resolve, reject) => {
        answered.then((response) => isFailure(response) ? reject(failureOf(response)) : resolve(response));
      });
    }
    answered.then((response) => later(() => callback(response)));
    return void 0;
  }
  actionWebSocket(params, callback) {
    return this.send({ event: "action", params }, callback);
  }
  // ---- verbs
  say(room, message, callback) {
    return this.send({ event: "say", room, message }, callback);
  }
  file(file, callback) {
    return this.send({ event: "file", file }, callback);
  }
  detailsView(callback) {
    return this.send({ event: "detailsView" }, callback);
  }
  roomView(room, callback) {
    return this.send({ event: "roomView", room }, callback);
  }
  roomAdd(room, callback) {
    return this.changeRooms({ event: "roomAdd", room }, callback);
  }
  roomLeave(room, callback) {
    const index = this.rooms.indexOf(room);
    if (index > -1) this.rooms.splice(index, 1);
    return this.changeRooms({ event: "roomLeave", room }, callback);
  }
  documentation(callback) {
    return this.send({ event: "documentation" }, callback);
  }
  /** Asks for a room, then for the list of them, and only then says how it went: `rooms` is right by then. */
  changeRooms(frame, callback) {
    if (typeof callback !== "function") {
      return quiet((resolve, reject) => {
        this.changeRooms(frame, (response) => isFailure(response) ? reject(failureOf(response)) : resolve(response));
      });
    }
    return this.send(frame, (response) => {
      if (response instanceof Error) return callback(response);
      this.send({ event: "detailsView" }, (details) => {
        this.learn(details);
        callback(response);
      });
    });
  }
  // ---- actors
  /** A seat at an actor, which is made if there is none. */
  actor(name, key = [], params) {
    return this.actors.add(name, key, params);
  }
};
function later(act) {
  setTimeout(act, 0);
}
