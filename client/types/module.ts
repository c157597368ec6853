// The types of the npm package.

//%%BODY%%

export { ActionheroWebsocketClient as ActionheroClient, ActionheroWebsocketClient as default }
export declare const Primus: PrimusConstructor
