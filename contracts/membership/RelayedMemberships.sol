// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IRelayedMemberships} from "../interfaces/IRelayedMemberships.sol";
import {Signed} from "../libraries/Signed.sol";
import {MemberSlot} from "../types/MemberSlot.sol";
import {HomeFees} from "./HomeFees.sol";
import {Memberships} from "./Memberships.sol";

/// @dev What payers and holders sign and anyone may submit.
abstract contract RelayedMemberships is IRelayedMemberships, Memberships, HomeFees, Signed, EIP712 {
    bytes32 private constant REGISTER_TYPEHASH = keccak256(
        "Register(uint256 idCommitment,uint16 rateLimit,address holder,uint32 home,uint256 maxPrice,address payer,uint40 deadline)"
    );
    bytes32 private constant RENEW_TYPEHASH = keccak256(
        "Renew(uint256 idCommitment,address holder,uint40 expiry,uint256 maxPrice,address payer,uint40 deadline)"
    );
    bytes32 private constant EXIT_TYPEHASH = keccak256(
        "Exit(uint256 idCommitment,address holder,uint16 nonce,uint40 deadline)"
    );
    bytes32 private constant SET_HOME_TYPEHASH = keccak256(
        "SetHome(uint256 idCommitment,address holder,uint32 home,uint16 nonce,uint40 deadline)"
    );

    /// @inheritdoc IRelayedMemberships
    uint32 public constant RELAYER_HOME = type(uint32).max;

    constructor() EIP712("Teahouse MembershipRegistry", "1") {}

    /// @inheritdoc IRelayedMemberships
    function registerFor(
        Registration calldata registration,
        uint256 maxPrice,
        address payer,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant returns (uint32) {
        _requireSigned(payer, registerDigest(registration, maxPrice, payer, deadline), deadline, signature);
        uint32 home = registration.home;
        if (home == RELAYER_HOME) {
            home = staking.operatorOf(msg.sender);
            if (home == 0) revert NotAnOperator(msg.sender);
        }
        Registration calldata r = registration;
        return _register(payer, r.idCommitment, r.rateLimit, r.holder, home, maxPrice);
    }

    /// @inheritdoc IRelayedMemberships
    function renewFor(
        uint256 idCommitment,
        address holder,
        uint256 maxPrice,
        address payer,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant {
        MemberSlot m = _members[idCommitment][holder];
        bytes32 digest = renewDigest(idCommitment, holder, m.expiry(), maxPrice, payer, deadline);
        _requireSigned(payer, digest, deadline, signature);
        _renew(payer, idCommitment, holder, m, maxPrice);
    }

    /// @inheritdoc IRelayedMemberships
    function exitFor(
        uint256 idCommitment,
        address holder,
        uint40 deadline,
        bytes calldata signature
    ) external {
        MemberSlot m = _members[idCommitment][holder];
        bytes32 digest = exitDigest(idCommitment, holder, m.nonce(), deadline);
        _checkHolder(m, idCommitment, holder, digest, deadline, signature);
        _exit(idCommitment, holder, m.withNextNonce());
    }

    /// @inheritdoc IRelayedMemberships
    function setHomeFor(
        uint256 idCommitment,
        address holder,
        uint32 home,
        uint40 deadline,
        bytes calldata signature
    ) external {
        MemberSlot m = _members[idCommitment][holder];
        bytes32 digest = setHomeDigest(idCommitment, holder, home, m.nonce(), deadline);
        _checkHolder(m, idCommitment, holder, digest, deadline, signature);
        _setHome(idCommitment, holder, m, home);
    }

    /// @inheritdoc IRelayedMemberships
    function registerDigest(
        Registration calldata registration,
        uint256 maxPrice,
        address payer,
        uint40 deadline
    ) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        REGISTER_TYPEHASH,
                        registration.idCommitment,
                        registration.rateLimit,
                        registration.holder,
                        registration.home,
                        maxPrice,
                        payer,
                        deadline
                    )
                )
            );
    }

    /// @inheritdoc IRelayedMemberships
    function renewDigest(
        uint256 idCommitment,
        address holder,
        uint40 expiry,
        uint256 maxPrice,
        address payer,
        uint40 deadline
    ) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(abi.encode(RENEW_TYPEHASH, idCommitment, holder, expiry, maxPrice, payer, deadline))
            );
    }

    /// @inheritdoc IRelayedMemberships
    function exitDigest(
        uint256 idCommitment,
        address holder,
        uint16 nonce,
        uint40 deadline
    ) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(EXIT_TYPEHASH, idCommitment, holder, nonce, deadline)));
    }

    /// @inheritdoc IRelayedMemberships
    function setHomeDigest(
        uint256 idCommitment,
        address holder,
        uint32 home,
        uint16 nonce,
        uint40 deadline
    ) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(abi.encode(SET_HOME_TYPEHASH, idCommitment, holder, home, nonce, deadline))
            );
    }

    function _checkHolder(
        MemberSlot m,
        uint256 idCommitment,
        address holder,
        bytes32 digest,
        uint40 deadline,
        bytes calldata signature
    ) private view {
        if (m.nonce() == type(uint16).max) revert NoncesUsedUp(idCommitment, holder);
        _requireSigned(holder, digest, deadline, signature);
    }
}
