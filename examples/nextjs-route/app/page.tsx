"use client";
// A chat with the agent of /api/agent. It shows which tools are called, and the answer as it arrives.
import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport, getToolName, isTextUIPart, isToolUIPart } from "ai";
import { useState } from "react";

const transport = new DefaultChatTransport({ api: "/api/agent" });

export default function Page() {
  const { messages, sendMessage, status, error } = useChat({ transport });
  const [text, setText] = useState("Which accounts have I connected?");
  return (
    <main>
      {messages.map(({ id, role, parts }) => (
        <article key={id} aria-label={role}>
          {parts.filter(isToolUIPart).map((part) => (
            <code key={part.toolCallId}>{`${getToolName(part)}: ${part.state} `}</code>
          ))}
          <p>{parts.filter(isTextUIPart).map((part) => part.text)}</p>
        </article>
      ))}
      {error && <p role="alert">The agent cannot answer: {error.message}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sendMessage({ text });
        }}
      >
        <input aria-label="Question" value={text} onChange={(event) => setText(event.target.value)} />
        <button type="submit" disabled={status === "submitted" || status === "streaming"}>
          Ask
        </button>
      </form>
    </main>
  );
}
