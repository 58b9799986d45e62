"""The style sheet of the program; `$name` stands for a colour or size of the theme (`widgets.style`)."""

STYLE_SHEET = """
QToolTip { background: $surface; color: $text; border: 1px solid $faint_line; padding: 4px; }

/* fields */
QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox {
    background: $field; color: $text; border: 1px solid $line; border-radius: 4px; padding: 3px 6px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QPlainTextEdit, QTextEdit { padding: 1px 2px; }
QSpinBox, QDoubleSpinBox { padding-right: 2px; }
QSpinBox::up-button, QDoubleSpinBox::up-button {
    subcontrol-origin: border; subcontrol-position: top right; width: 18px; border: 0; background: transparent;
}
QSpinBox::down-button, QDoubleSpinBox::down-button {
    subcontrol-origin: border; subcontrol-position: bottom right; width: 18px; border: 0; background: transparent;
}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url(viewrstyle:up-$name.png); width: 8px; height: 8px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url(viewrstyle:down-$name.png); width: 8px; height: 8px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus {
    border: 1px solid $accent;
}
QLineEdit:read-only, QPlainTextEdit:read-only { background: $window; border-color: $faint_line; }
QLineEdit:disabled, QPlainTextEdit:disabled { color: $disabled; border-color: $faint_line; }
QLineEdit[state="error"] { border: 1px solid $error; }

/* choices */
QComboBox {
    background: $surface; color: $text; border: 1px solid $line; border-radius: 4px; padding: 3px 6px;
}
QComboBox:hover { background: $hover; }
QComboBox:focus { border: 1px solid $accent; }
QComboBox:disabled { color: $disabled; border-color: $faint_line; background: $window; }
QComboBox::drop-down { border: 0; width: 20px; }
QComboBox::down-arrow { image: url(viewrstyle:down-$name.png); width: 10px; height: 10px; }
QComboBox QAbstractItemView {
    background: $surface; color: $text; border: 1px solid $line; padding: 2px;
    selection-background-color: $accent_tint; selection-color: $text;
}
QCheckBox::indicator, QGroupBox::indicator, QTreeView::indicator, QListView::indicator, QTableView::indicator {
    width: 14px; height: 14px; background: $field; border: 1px solid $line; border-radius: 3px;
}
QCheckBox::indicator:checked, QGroupBox::indicator:checked, QTreeView::indicator:checked,
QListView::indicator:checked, QTableView::indicator:checked {
    background: $accent; border: 1px solid $accent; image: url(viewrstyle:check-$name.png);
}
QCheckBox::indicator:indeterminate {
    background: $accent; border: 1px solid $accent; image: url(viewrstyle:dash-$name.png);
}
QRadioButton::indicator {
    width: 14px; height: 14px; background: $field; border: 1px solid $line; border-radius: 8px;
}
QRadioButton::indicator:checked { background: $on_accent; border: 4px solid $accent; width: 8px; height: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $faint_line; background: $window; }
QCheckBox::indicator:checked:disabled { background: $disabled; border-color: $disabled; }
QRadioButton::indicator:checked:disabled { background: $window; border-color: $disabled; }

/* buttons */
QPushButton {
    background: $surface; color: $text; border: 1px solid $line; border-radius: 4px; padding: 4px 12px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $field; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:checked { background: $accent_tint; border: 1px solid $accent; }
QPushButton:disabled { color: $disabled; border-color: $faint_line; background: $window; }
QPushButton:flat { border: 1px solid transparent; background: transparent; }
QPushButton:flat:hover { background: $hover; }
QPushButton:flat:focus { border: 1px solid $accent; }
QPushButton#primary { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600; }
QPushButton#primary:hover { border: 1px solid $text; }
QPushButton#primary:focus { border: 2px solid $text; padding: 3px 11px; }
QPushButton#primary:disabled { background: $hover; color: $disabled; border-color: $hover; }
QPushButton[role="small"] { padding: 2px 9px; }
QToolButton { color: $text; border: 1px solid transparent; border-radius: 4px; padding: 3px 6px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $field; }
QToolButton:checked { background: $accent_tint; border: 1px solid $accent; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton[popupMode="2"] { padding-right: 14px; }
ToolPanel QToolButton { padding: 3px; }
ToolPanel QToolButton[popupMode="2"] { padding-right: 13px; }
QToolButton[role="fold"] { background: transparent; border: 1px solid transparent; padding: 1px 2px; font-weight: 600; }
QToolButton[role="fold"]:hover { background: $hover; }
QToolButton[role="fold"]:focus { border: 1px solid $accent; }

/* keys */
QLabel#keysHeading { font-weight: 600; color: $accent; padding-top: 8px; }
QLabel#keycap { background: $field; border: 1px solid $faint_line; border-radius: 4px; padding: 1px 6px; }

QLabel#performance {
    background: $surface; color: $text; border: 1px solid $faint_line; border-radius: 4px; padding: 8px 12px;
}

/* lists and tables */
QTableView, QTreeView, QListView {
    background: $field; alternate-background-color: $window; border: 1px solid $faint_line; border-radius: 4px;
    selection-background-color: $accent_tint; selection-color: $text; outline: 0;
}
QTableView:focus, QTreeView:focus, QListView:focus { border: 1px solid $accent; }
QTableView::item, QTreeView::item, QListView::item { padding: 2px 4px; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected {
    background: $accent_tint; color: $text;
}
QHeaderView { background: $surface; border: 0; }
QHeaderView::section {
    background: $surface; color: $quiet; border: 0; border-bottom: 1px solid $faint_line; padding: 3px 5px;
}
QTableCornerButton::section { background: $surface; border: 0; border-bottom: 1px solid $faint_line; }

/* frames, tabs, splitters */
QGroupBox {
    border: 1px solid $faint_line; border-radius: 6px; margin-top: 0.7em; padding-top: 0.5em; font-weight: 600;
}
QGroupBox::title { subcontrol-origin: margin; left: 8px; padding: 0 4px; }
QTabBar::tab {
    background: transparent; color: $quiet; border: 0; border-bottom: 2px solid transparent; padding: 5px 10px;
}
QTabBar::tab:hover { color: $text; background: $hover; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:selected:focus { background: $accent_tint; }
QTabWidget::pane { border: 0; border-top: 1px solid $faint_line; }
QSplitter::handle { background: $faint_line; }
QSplitter::handle:horizontal { width: 3px; }
QSplitter::handle:vertical { height: 3px; }
QSplitter::handle:hover { background: $accent; }
QScrollArea { border: 0; background: transparent; }
QScrollBar:vertical { background: transparent; width: 11px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 11px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $quiet; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar {
    background: $field; border: 1px solid $faint_line; border-radius: 4px; text-align: center; color: $text;
}
QProgressBar::chunk { background: $accent_tint; border-radius: 3px; }
QMenu { background: $surface; color: $text; border: 1px solid $faint_line; padding: 4px; }
QMenu::item { padding: 4px 22px 4px 16px; border-radius: 3px; }
QMenu::item:selected { background: $accent_tint; }
QMenu::item:disabled { color: $disabled; }
QMenu[swatches="true"] { icon-size: 32px; }
QMenu[swatches="true"]::item { padding-left: 26px; }
QMenu[swatches="true"]::icon { left: 18px; }
QMenu::separator { height: 1px; background: $faint_line; margin: 4px 6px; }
QStatusBar { background: $window; color: $quiet; }

/* parts of the form */
QLabel[role="field"] { color: $text; }
QLabel[role="unit"], QLabel[role="note"] { color: $quiet; }
QLabel[role="note"], QLabel[role="error"] { font-size: $small; }
QLabel[role="error"] { color: $error; }
QLabel[role="heading"] { font-weight: 600; padding-bottom: 2px; }
QLabel[role="subheading"] { color: $quiet; padding-top: 4px; }
QLabel[role="value"] { font-weight: 600; padding: 5px 0 2px 0; }
QLabel[role="key"] {
    background: $surface; color: $text; border: 1px solid $line; border-bottom: 2px solid $line; border-radius: 4px;
    padding: 0 5px; font-size: $small;
}
QLabel[role="alert"] {
    background: $warning_tint; color: $text; border: 0; border-left: 3px solid $warning; border-radius: 2px;
    padding: 5px 8px;
}
QLabel[role="sign"] { color: $quiet; font-weight: 700; min-width: 14px; }
QLabel[role="sign"][state="ok"] { color: $ok; }
QLabel[role="sign"][state="error"] { color: $error; }
QFrame#rule { background: $faint_line; border: 0; max-height: 1px; }
QFrame#uprightRule { background: $faint_line; border: 0; max-width: 1px; }
QFrame[role="box"] { background: $surface; border: 1px solid $faint_line; border-radius: 6px; }
QFrame[role="page"] { background: transparent; border: 0; border-top: 1px solid $faint_line; }
QFrame[role="message"] { background: $surface; border: 0; border-left: 2px solid $line; border-radius: 3px; }
QWidget[role="choice"] QCheckBox, QWidget[role="choice"] QRadioButton { spacing: 0; }
QWidget[role="choice"] { border: 1px solid transparent; border-radius: 4px; }
QWidget[role="choice"][state="focus"] { border: 1px solid $accent; background: $accent_tint; }

/* pages and bars */
QLabel#pageTitle { font-size: $title; font-weight: 600; }
QLabel#taskTitle { font-size: $large; font-weight: 600; }
QLabel#quiet { color: $quiet; }
QPushButton#waiting { color: $warning; }
QWidget#taskBar, QWidget#presetBar { background: $surface; }
QWidget#taskBar { border-bottom: 1px solid $faint_line; }
QWidget#qcBar { background: $surface; border-top: 1px solid $faint_line; }
QWidget#message { background: $accent_tint; border-left: 3px solid $accent; }
QWidget#message[kind="warning"] { background: $warning_tint; border-left: 3px solid $warning; }
QWidget#message[kind="error"] { background: $error_tint; border-left: 3px solid $error; }
"""
