// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {Signed} from "../libraries/Signed.sol";
import {DealTerms} from "./DealTerms.sol";

/// @dev What is signed for deals, and who signed it.
abstract contract DealSignatures is IEscrow, Signed, EIP712 {
    using DealTerms for Terms;

    bytes32 private constant FUNDING = keccak256(
        abi.encodePacked("Funding(Terms terms,uint40 deadline)", DealTerms.TYPE)
    );
    bytes32 private constant ACCEPTANCE = keccak256("Acceptance(bytes32 deal,uint40 deadline)");
    bytes32 private constant RELEASE = keccak256("Release(bytes32 deal,uint40 deadline)");
    bytes32 private constant REFUND = keccak256("Refund(bytes32 deal,uint40 deadline)");
    bytes32 private constant ANSWER = keccak256("Answer(bytes32 deal,uint40 deadline)");
    bytes32 private constant PART_RELEASE = keccak256(
        "PartRelease(bytes32 deal,uint128 total,uint40 deadline)"
    );
    bytes32 private constant DISPUTE = keccak256("Dispute(bytes32 deal,address advancer,uint40 deadline)");
    bytes32 private constant RULING = keccak256("Ruling(bytes32 deal,uint128 payeeAmount,uint40 deadline)");
    bytes32 private constant SETTLEMENT = keccak256(
        "Settlement(bytes32 deal,uint128 payeeAmount,uint40 deadline)"
    );

    constructor() EIP712("Teahouse Escrow", "1") {}

    /// @inheritdoc IEscrow
    function dealId(Terms calldata terms) public view returns (bytes32) {
        return _hashTypedDataV4(terms.hash());
    }

    /// @inheritdoc IEscrow
    function fundingDigest(Terms calldata terms, uint40 deadline) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(FUNDING, terms.hash(), deadline)));
    }

    /// @inheritdoc IEscrow
    function actDigest(Act act, bytes32 id, uint256 value, uint40 deadline) public view returns (bytes32) {
        bytes32 typehash = _typehash(act);
        bytes memory encoded =
            act < Act.PartRelease
                ? abi.encode(typehash, id, deadline)
                : abi.encode(typehash, id, value, deadline);
        return _hashTypedDataV4(keccak256(encoded));
    }

    /// @dev Reverts unless `party` signed an act that has no value.
    function _requireAct(
        Act act,
        bytes32 id,
        address party,
        uint40 deadline,
        bytes calldata signature
    ) internal view {
        _requireSigned(party, actDigest(act, id, 0, deadline), deadline, signature);
    }

    function _typehash(Act act) private pure returns (bytes32) {
        if (act == Act.Acceptance) return ACCEPTANCE;
        if (act == Act.Release) return RELEASE;
        if (act == Act.Refund) return REFUND;
        if (act == Act.Answer) return ANSWER;
        if (act == Act.PartRelease) return PART_RELEASE;
        if (act == Act.Dispute) return DISPUTE;
        return act == Act.Ruling ? RULING : SETTLEMENT;
    }
}
