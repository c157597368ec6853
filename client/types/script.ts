// The types of the client that a server writes for its application: a global of pages, and a module.

export as namespace ActionheroWebsocketClient
export = ActionheroWebsocketClient

declare class ActionheroWebsocketClient extends Client.ActionheroWebsocketClient<Application.Actions, Application.Rooms, Application.Actors> {}

declare namespace ActionheroWebsocketClient {
  export import Actions = Application.Actions
  export import Rooms = Application.Rooms
  export import Actors = Application.Actors
  export type Actor<F = any, E = any> = Client.Actor<F, E>
  export type Said = Client.Said
  export type Failure<Code = string> = Client.Failure<Code>
  export type Options = Client.Options
  export type Details = Client.Details
  export type Reason = Client.Reason
  export type Reply<T, Code = string> = Client.Reply<T, Code>
  export { Application, Client }
  export { Self as ActionheroWebsocketClient, Self as ActionheroClient }
  export const Primus: Client.PrimusConstructor
}

declare const Self: typeof ActionheroWebsocketClient

declare global {
  /** The same class under the name that older pages use. */
  var ActionheroClient: typeof ActionheroWebsocketClient
  type ActionheroClient = ActionheroWebsocketClient
  var Primus: Client.PrimusConstructor
}

/** What the application adds. */
declare namespace Application {
  export interface Actions {}
  export interface Rooms {}
  export interface Actors {}
//%%APPLICATION%%
}

declare namespace Client {
  import Actions = Application.Actions
  import Rooms = Application.Rooms
  import Actors = Application.Actors

  //%%BODY%%
}
