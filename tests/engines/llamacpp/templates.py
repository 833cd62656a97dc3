"""Chat templates that open and close thoughts as those of known models do, and do no more.

Written anew: of the originals they keep what stands around a turn and a thought, and when.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench import random_model


@dataclass(frozen=True)
class Kind:
    """A family: its template, tokens of its own, and whether its template opens thoughts itself."""

    template: str
    marks: tuple[str, ...] = ("<think>", "</think>")
    hidden: tuple[str, ...] = ()
    opens: bool = True
    always: bool = False

    @property
    def shape(self) -> random_model.Shape:
        """A tiny model of the family."""
        tiny = random_model.PRESETS["tiny"]
        return replace(tiny, template=self.template, marks=self.marks, hidden=self.hidden)

    @property
    def bias(self) -> dict[str, int]:
        """Keep random weights from ending an answer, and from writing a mark in it."""
        tokens = random_model.vocabulary(0, self.marks, self.hidden)[0]
        names = ("<|endoftext|>", "<|im_end|>", *self.marks, *self.hidden)
        return {str(tokens.index(name)): -100 for name in names}


_SAID = (
    "{%- if m.content is string %}{{- m.content }}{%- else %}"
    "{%- for p in m.content %}{{- p.text }}{%- endfor %}{%- endif %}"
)
_CHATML = (
    r"{%- for m in messages %}{{- '<|im_start|>' + m.role + '\n' }}"
    r"{%- if m.role == 'assistant' and m.reasoning_content %}"
    r"{{- '<think>\n' + m.reasoning_content + '\n</think>\n\n' }}{%- endif %}"
    + _SAID
    + r"{{- '<|im_end|>\n' }}{%- endfor %}"
    r"{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}%s{%- endif %}"
)
_NONE = r"{{- '<think>\n\n</think>\n\n' }}"
_OPEN = r"{{- '<think>\n' }}"
_TOOLS = (
    r"{%- if tools %}{{- '<|im_start|>system\n# Tools\n<tools>' }}"
    r"{%- for tool in tools %}{{- tool | tojson }}{%- endfor %}"
    r"""{{- '</tools>\nCall as <tool_call>\n{"name": <name>, "arguments": <arguments>}\n"""
    r"""</tool_call><|im_end|>\n' }}{%- endif %}"""
)


def _chatml(generation: str, before: str = "") -> str:
    return before + _CHATML.replace("%s", generation)


KINDS = {
    # It thinks unless it is told not to.
    "qwen3.5": Kind(
        _chatml(
            "{%- if enable_thinking is defined and enable_thinking is false %}"
            + _NONE + "{%- else %}" + _OPEN + "{%- endif %}",
            _TOOLS,
        )
    ),
    # Its smaller ones think only if they are told to.
    "qwen3.5-small": Kind(
        _chatml(
            "{%- if enable_thinking is defined and enable_thinking is true %}"
            + _OPEN + "{%- else %}" + _NONE + "{%- endif %}"
        )
    ),
    "qwen3-vl-thinking": Kind(_chatml(_OPEN), always=True),
    # Told to, it may open a thought itself.
    "glm-4.6v": Kind(
        r"{{- '[gMASK]<sop>' }}{%- for m in messages %}{{- '<|' + m.role + '|>\n' }}" + _SAID +
        r"{%- if m.role == 'user' and enable_thinking is defined and not enable_thinking %}"
        r"{{- '/nothink' }}{%- endif %}{%- endfor %}"
        r"{%- if add_generation_prompt %}{{- '<|assistant|>' }}"
        r"{%- if enable_thinking is defined and not enable_thinking %}{{- '\n<think></think>' }}"
        r"{%- endif %}{%- endif %}",
        opens=False,
    ),
    "minicpm-v": Kind(
        _chatml(
            "{%- if enable_thinking is defined %}{%- if enable_thinking %}"
            + _OPEN + "{%- else %}" + _NONE + "{%- endif %}{%- endif %}"
        )
    ),
    # Its marks are others, and one that is to think is told so at the start.
    "gemma-4": Kind(
        r"{{- bos_token }}{%- if enable_thinking is defined and enable_thinking %}"
        r"{{- '<|turn>system\n<|think|><turn|>\n' }}{%- endif %}{%- for m in messages %}"
        r"{{- '<|turn>' + ('model' if m.role == 'assistant' else m.role) + '\n' }}" + _SAID +
        r"{{- '<turn|>\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|turn>model\n' }}"
        r"{%- if not enable_thinking | default(false) %}{{- '<|channel>thought\n<channel|>' }}"
        r"{%- endif %}{%- endif %}",
        marks=("<|channel>", "<channel|>", "<|think|>"),
        hidden=("<|turn>", "<turn|>"),
        opens=False,
    ),
    # Marks that llama.cpp never writes into a text.
    "hidden": Kind(_chatml(_OPEN), marks=(), hidden=("<think>", "</think>"), always=True),
    "lfm2.5-vl": Kind("{{- bos_token }}" + _chatml(""), opens=False),
    "smolvlm2": Kind(
        r"<|im_start|>{%- for m in messages %}{{- m.role | capitalize + ': ' }}" + _SAID +
        r"{{- '<end_of_utterance>\n' }}{%- endfor %}"
        r"{%- if add_generation_prompt %}{{- 'Assistant:' }}{%- endif %}",
        marks=(),
        hidden=("<end_of_utterance>",),
        opens=False,
    ),
}  # fmt: skip

# A template that knows tools, and itself begins an answer with a call, after a thought or none: so
# the answers of random weights, which end at once, are calls in the model's own form.
CALLING = Kind(
    _TOOLS + r"{%- for m in messages %}{{- '<|im_start|>' + m.role + '\n' }}"
    r"{%- if m.role == 'assistant' and m.reasoning_content %}"
    r"{{- '<think>\n' + m.reasoning_content + '\n</think>\n\n' }}{%- endif %}"
    + _SAID
    + r"""{%- if m.tool_calls %}{%- for c in m.tool_calls %}{{- '<tool_call>\n{"name": "' """
    r"""+ c.function.name + '", "arguments": ' }}{{- c.function.arguments | tojson }}"""
    r"""{{- '}\n</tool_call>' }}{%- endfor %}{%- endif %}{{- '<|im_end|>\n' }}{%- endfor %}"""
    r"{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}"
    r"{%- if enable_thinking is defined and enable_thinking is false %}" + _NONE + "{%- else %}"
    r"{{- '<think>\nIt adds.\n</think>\n\n' }}{%- endif %}"
    r"""{{- '<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": \"x\"}}\n</tool_call>' }}"""
    r"{%- endif %}",
    marks=("<think>", "</think>", "<tool_call>", "</tool_call>"),
)
