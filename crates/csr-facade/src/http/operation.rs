use crate::caller::Right;

/// The API's operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    CreateCsr,
    ListCsr,
    ShowCsr,
    ShowCsrPrivateKey,
    UpdateCsr,
    DeleteCsr,
    UploadCsr,
}

impl Operation {
    /// The reference's name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::CreateCsr => "CreateCsr",
            Self::ListCsr => "ListCsr",
            Self::ShowCsr => "ShowCsr",
            Self::ShowCsrPrivateKey => "ShowCsrPrivateKey",
            Self::UpdateCsr => "UpdateCsr",
            Self::DeleteCsr => "DeleteCsr",
            Self::UploadCsr => "UploadCsr",
        }
    }

    /// What a caller needs to be allowed.
    pub(super) const fn right(self) -> Right {
        match self {
            Self::ListCsr | Self::ShowCsr => Right::Read,
            Self::CreateCsr | Self::UpdateCsr | Self::DeleteCsr | Self::UploadCsr => Right::Write,
            Self::ShowCsrPrivateKey => Right::ExportKey,
        }
    }
}
