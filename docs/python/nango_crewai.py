"""Nango's tools in CrewAI. First: npx nango-toolkit mcp --http 3004 --emulator"""

from crewai import Agent, Crew, Task
from crewai_tools import MCPServerAdapter


def main(model="openai/gpt-5", url="http://127.0.0.1:3004/mcp", prompt="Who has connected HubSpot?"):
    with MCPServerAdapter({"url": url, "transport": "streamable-http"}) as tools:
        agent = Agent(role="Integrations", goal="Answer with the tools.", backstory="Knows Nango.", llm=model, tools=tools)
        task = Task(description=prompt, expected_output="The answer.", agent=agent)
        return Crew(agents=[agent], tasks=[task]).kickoff().raw


if __name__ == "__main__":
    print(main())
