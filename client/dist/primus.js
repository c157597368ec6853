/*! playhouse-client 0.1.0, Apache-2.0 */
var Primus;
(function (nodeRequire, nodeModule) {
"use strict";
(() => {
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
      const asked = this.asked.get(key);
      if (typeof reply.messageCount === "number") reply.messageCount -= this.uncounted;
      if (!asked || !answers(asked, reply)) return true;
      this.asked.delete(key);
      this.awaited.delete(key);
      this.learn(asked, reply);
      return asked.kind !== "join";
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
      for (const request of this.asking) request.abort();
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
      const request = new AbortController();
      asking.add(request);
      try {
        const { signal } = request;
        const answer = await fetch(url, { method: "POST", body, headers, credentials: "include", signal });
        if (answer.ok) return await answer.text();
        throw Object.assign(new Error(`Polling is answered with ${answer.status}`), { status: answer.status });
      } finally {
        asking.delete(request);
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
        greeting: (later) => this.greetingFrames(later)
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
    greetingFrames(later) {
      const frames = [];
      for (const greeting of this.greetings) {
        for (const frame of greeting()) this.greetingFrame(frame, frames, later);
      }
      return frames;
    }
    /** Puts it among the others if the transformers are done with it at once, and else sends it when they are. */
    greetingFrame(frame, frames, later) {
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
      if (at) at = later();
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
  var Primus2 = function(url, options) {
    if (!(this instanceof PrimusClient)) return Primus2.connect(url, options);
    this.begin(url, options);
  };
  Primus2.prototype = PrimusClient.prototype;
  Object.defineProperty(Primus2.prototype, "constructor", { value: Primus2, writable: true, configurable: true });
  Primus2.connect = (url, options) => new Primus2(url, options);
  Primus2.EventEmitter = EventEmitter;
  Primus2.version = "0.1.0";
  Object.assign(Primus2, { OPENING, CLOSED: CLOSED2, OPEN: OPEN2 });

  // src/entry/globals.ts
  function publish(exported, names) {
    if (nodeModule && nodeModule.exports) {
      nodeModule.exports = Object.assign(exported, names);
      return;
    }
    const page = typeof self !== "undefined" ? self : typeof window !== "undefined" ? window : {};
    for (const name of Object.keys(names)) page[name] = names[name];
  }

  // src/entry/primus.ts
  Primus = Primus2;
  publish(Primus2, { Primus: Primus2 });
})();
})(typeof require === "function" ? require : undefined, typeof module === "object" ? module : undefined);
