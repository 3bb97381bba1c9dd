"""Words for the one Vosk model that a package carries.

It does not understand sentences of the synthetic voice, but spots single words in them.
"""

from speech.spotting import AnswerWords, SpottingWords, Trigger

_ANNOUNCEMENT_WORDS = "녹음 통화 대화 중지 사본"
_ORDINARY_WORDS = """
이 그 저 것 수 등 가 을 는 은 에 어 오 아 여 했 요 네 아니요 예 와 안녕 감사 월 로 니다 이다 하고 지금 우리 사람 때문
하지만 에게 으로 에서 까지 부터 보다 처럼 내일 전화 병원 월요일 서울 이름 보험 회사
"""

SPOTTING = SpottingWords(
    words=tuple(f"{_ANNOUNCEMENT_WORDS} {_ORDINARY_WORDS}".split()),
    triggers=(Trigger.read("녹음/통화/대화"), Trigger.read("중지/사본")),
)
ANSWERS = AnswerWords(yes=frozenset({"네", "예"}), no=frozenset({"아니요", "아니"}), ordinary=("여", "했"))

ANNOUNCEMENT = "이 대화는 개인적인 용도로 녹음됩니다"
OTHER_TALK = "보험 회사에 전화해서 물어봐야 합니다"
